// The tables of the status page: workers, slowest requests, damage, refusals, clients.

import {el} from "./dom.js";
import {clockOf, formatBytes, formatSpan} from "./format.js";
import {text} from "./texts.js";

const NONE = "–";
const WHERE = ["open", "wait", "decode", "send"];

const span = s => (s === null ? NONE : formatSpan(s * 1e6));
const nameOf = path => path.slice(path.lastIndexOf("/") + 1) || path;

/* Cut where there is no room; whole when it is pointed at. */
function short(words, all = words) {
    return el("span", {className: "short", title: all}, words);
}

function named(path) {
    return path ? short(nameOf(path), path) : NONE;
}

/* Parts of a bar as wide as their time is long; the greatest in words, for a bar is colours. */
function bar({where, took_s: took}) {
    const parts = WHERE.map(part => ({part, s: where[`${part}_s`]})).filter(({s}) => s > 0);
    const words = parts.map(({part, s}) => `${text(`where_${part}`)} ${span(s)}`).join(", ");
    const made = el("span", {className: "bar", role: "img", ariaLabel: words, title: words},
        ...parts.map(({part, s}) => {
            const piece = el("span", {className: `part part-${part}`});
            piece.style.flexGrow = String(s / took);
            return piece;
        }));
    const most = parts.reduce((a, b) => (b.s > a.s ? b : a), {s: 0});
    return el("span", {className: "where"}, made,
        most.part ? el("small", {}, `${text(`where_${most.part}`)} ${Math.round(100 * most.s / took)} %`) : null);
}

function legend() {
    return el("ul", {className: "legend"}, ...WHERE.map(part =>
        el("li", {}, el("i", {className: `part part-${part}`}), text(`where_${part}_long`))));
}

const STATE_SIGNS = {idle: "○", busy: "●", starting: "◌", lost: "✖"};

/* A column: its words, what stands in a row, and how: "number", "text" (may be long). */
const TABLES = [
    {key: "workers", title: "workersTitle", none: "workersNone", columns: [
        ["columnWorker", row => `MefWorker-${row.index}`, ""],
        ["columnState", row => el("span", {className: `state state-${row.state}`},
            `${STATE_SIGNS[row.state]} ${text(`state_${row.state}`)}`), ""],
        ["columnRecording", row => named(row.recording), ""],
        ["columnBusy", row => span(row.busy_s), "number"],
        ["columnJobs", row => String(row.jobs), "number"],
        ["columnRestarts", row => String(row.restarts), "number"],
        ["columnPid", row => String(row.pid), "number"]]},
    {key: "clients", title: "clientsTitle", none: "clientsNone", columns: [
        ["columnClient", row => short(row.client), ""],
        ["columnProtocol", row => (row.protocol === "grpc" ? "gRPC" : "HTTP"), ""],
        ["columnConnections", row => String(row.connections), "number"],
        ["columnDoing", row => (row.doing ? short(row.doing) : NONE), "wide"],
        ["columnCalls", row => String(row.calls), "number"],
        ["columnBytes", row => formatBytes(row.bytes), "number"]]},
    {key: "slow", title: "slowTitle", none: "slowNone", isWide: true, legend, columns: [
        ["columnAt", row => clockOf(row.at_s), ""],
        ["columnTook", row => span(row.took_s), "number"],
        ["columnWhere", bar, "bars"],
        ["columnMethod", row => short(row.method), ""],
        ["columnRecording", row => named(row.recording), ""],
        ["columnStatus", row => row.status, ""],
        ["columnClient", row => short(row.client), ""]]},
    {key: "refusals", title: "refusalsTitle", none: "refusalsNone", columns: [
        ["columnAt", row => clockOf(row.at_s), ""],
        ["columnStatus", row => row.status, ""],
        ["columnMethod", row => short(row.method), ""],
        ["columnWhy", row => row.text || NONE, "text"],
        ["columnClient", row => short(row.client), ""]]},
    {key: "damage", title: "damageTitle", none: "damageNone", columns: [
        ["columnAt", row => clockOf(row.at_s), ""],
        ["columnRecording", row => named(row.recording), ""],
        ["columnChannel", row => short(row.channel || NONE), ""],
        ["columnWhy", row => row.text, "text"]]},
];

class Table {
    constructor({key, title, none, columns, isWide, legend: makeLegend}) {
        Object.assign(this, {key, columns});
        this.body = el("tbody");
        this.none = el("p", {className: "none"}, text(none));
        this.table = el("table", {}, el("thead", {}, el("tr", {}, ...columns.map(([words, , how]) =>
            el("th", {scope: "col", className: how}, text(words))))), this.body);
        this.n = el("small");
        /* It may be wider than there is room: then it is moved by keys, too. */
        this.scroll = el("div", {className: "scroll", tabIndex: 0, role: "region", ariaLabel: text(title)},
            this.table);
        this.element = el("section", {className: isWide ? "list wide" : "list"},
            el("h2", {}, `${text(title)} `, this.n), makeLegend?.() ?? null, this.scroll, this.none);
    }

    show(rows) {
        this.n.textContent = rows.length ? String(rows.length) : "";
        this.none.hidden = rows.length > 0;
        this.scroll.hidden = rows.length === 0;
        this.body.replaceChildren(...rows.map(row => el("tr", {}, ...this.columns.map(([, make, how]) =>
            el("td", {className: how}, make(row))))));
    }
}

export class Tables {
    constructor() {
        this.tables = TABLES.map(what => new Table(what));
        this.elements = this.tables.map(table => table.element);
    }

    show(status) {
        for (const table of this.tables) table.show(status[table.key]);
    }
}
