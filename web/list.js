// The list of recordings. Names come first; the facts and the overview of a row are asked for
// when it comes into sight, a few at a time.

import {get, Problem} from "./api.js";
import {byId, el, labelled} from "./dom.js";
import {formatBytes, formatClock, formatDate, formatSpan} from "./format.js";
import {paintOverview} from "./overview.js";
import {text} from "./texts.js";
import {themeControl} from "./theme.js";

const AT_ONCE = 3;
const COLUMNS = ["Name", "Start", "Span", "Channels", "Rates", "Gaps", "Size", "Overview"];
const TYPING_MS = 200;

const waiting = [];
let running = 0;
const painters = new Map(); // a canvas: what paints it anew

function next() {
    while (running < AT_ONCE && waiting.length) {
        running++;
        waiting.shift()().finally(() => {
            running--;
            next();
        });
    }
}

function classOf(column) {
    return ["name", "", "number", "number", "number", "number", "number", "overview"][column];
}

function splitPath(path) {
    const at = path.lastIndexOf("/");
    return at < 0 ? ["", path] : [path.slice(0, at), path.slice(at + 1)];
}

function rates(channels) {
    const all = [...new Set(channels.map(c => c.rate_hz).filter(hz => hz > 0))].sort((a, b) => a - b);
    const words = all.length > 3 ? `${all[0]} … ${all.at(-1)}` : all.join(", ");
    return words && text("hz", words);
}

function fill(row, facts) {
    const channels = facts.channels ?? [];
    /* A channel that is locked has an error too, and is not damaged. */
    const isLocked = facts.n_locked_segments > 0;
    const isDamaged = facts.n_damaged_segments > 0 || (!isLocked && channels.some(c => c.error));
    const name = row.cells[0];
    if (facts.encrypted)
        name.append(el("span", {className: "badge"},
            text(isLocked ? "encryptedLocked" : "encrypted")));
    if (isDamaged) name.append(el("span", {className: "badge error"}, text("damaged")));
    const start = facts.start_uutc === null ? "–"
        : `${formatDate(facts.start_uutc, facts.gmt_offset_s)} ${formatClock(facts.start_uutc, facts.gmt_offset_s)}`;
    const words = [start, facts.start_uutc === null ? "–" : formatSpan(facts.end_uutc - facts.start_uutc),
        String(channels.length), rates(channels),
        String(Math.max(0, ...channels.map(c => c.n_gaps ?? 0))), formatBytes(facts.bytes)];
    words.forEach((word, i) => (row.cells[i + 1].textContent = word));
}

async function overview(path, facts, cell) {
    if (facts.start_uutc === null) return;
    const canvas = el("canvas", {role: "img", ariaLabel: text("overviewOf", path)});
    cell.append(canvas);
    const first = facts.channels.find(c => !c.error && c.n_samples > 0);
    const [availability, envelope] = await Promise.all([
        get("availability", [["recording", path]]).catch(() => null),
        first ? get("envelope", [["recording", path], ["channel", first.name], ["from", facts.start_uutc],
            ["to", facts.end_uutc], ["width", 220]], "buffer").catch(() => null) : null]);
    const paint = () => paintOverview(canvas, {start: facts.start_uutc, end: facts.end_uutc, availability, envelope});
    painters.set(canvas, paint);
    paint();
}

async function load(path, row) {
    try {
        const facts = await get("metadata", [["recording", path]]);
        fill(row, facts);
        await overview(path, facts, row.cells[7]);
    } catch (error) {
        const isLocked = error instanceof Problem && error.status === 403;
        row.cells[0].append(isLocked ? el("span", {className: "badge", title: error.message}, text("encryptedLocked"))
            : el("div", {className: "error"}, text("unknownFacts", error.message)));
    }
}

const inSight = new IntersectionObserver(entries => {
    for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        inSight.unobserve(entry.target);
        waiting.push(() => load(entry.target.dataset.path, entry.target));
    }
    next();
}, {rootMargin: "100px"});

function makeRow(path, name) {
    const link = el("a", {href: `/view?${new URLSearchParams({recording: path})}`}, name);
    const row = el("tr", {dataset: {path}}, el("td", {className: "name"}, link),
        ...COLUMNS.slice(1).map((_, i) => el("td", {className: classOf(i + 1)})));
    inSight.observe(row);
    return row;
}

function show(answer) {
    const folders = new Map();
    inSight.disconnect();
    waiting.length = 0;
    painters.clear();
    for (const {path} of answer.recordings) {
        const [folder, name] = splitPath(path);
        if (!folders.has(folder)) folders.set(folder, []);
        folders.get(folder).push(makeRow(path, name));
    }
    const n = answer.recordings.length;
    const counted = n === 0 ? text("noRecordings") : n === 1 ? text("oneRecording") : text("nRecordings", n);
    byId("count").textContent = counted +
        (answer.truncated ? ` ${text("truncated")}` : "");
    const bodies = [...folders].map(([folder, rows]) => el("tbody", {},
        el("tr", {}, el("th", {scope: "rowgroup", colSpan: COLUMNS.length}, folder || text("rootFolder"))), ...rows));
    const head = el("thead", {}, el("tr", {},
        ...COLUMNS.map((column, i) => el("th", {scope: "col", className: classOf(i)}, text(`column${column}`)))));
    byId("list").replaceChildren(...(n ? [el("table", {}, head, ...bodies)] : []));
}

let asked = 0;

async function refresh() {
    const q = byId("search").value.trim();
    const mine = ++asked;
    history.replaceState(null, "", q ? `/?${new URLSearchParams({q})}` : "/");
    const query = q ? [["q", q]] : [];
    const recordings = [];
    try {
        for (let next = ""; next !== null;) {
            const answer = await get("recordings", next ? [...query, ["after", next]] : query);
            if (mine !== asked) return; // more was typed meanwhile
            recordings.push(...answer.recordings);
            show({...answer, recordings}); // what there is so far: a long list comes in pages
            next = answer.next;
        }
    } catch (error) {
        byId("count").textContent = error.message;
    }
}

let typing = 0;
const search = el("input", {type: "search", id: "search", placeholder: text("searchHint"),
    value: new URLSearchParams(location.search).get("q") ?? "", oninput: () => {
        clearTimeout(typing);
        typing = setTimeout(refresh, TYPING_MS);
    }});
byId("head").append(el("h1", {}, `${text("title")} · ${text("recordings")}`),
    labelled(text("search"), search),
    el("nav", {}, el("a", {href: "/status"}, text("status"))),
    el("span", {className: "grow"}), themeControl(() => painters.forEach(paint => paint())));
byId("main").append(el("p", {id: "count", role: "status"}, text("loading")), el("div", {id: "list"}));
refresh();
