// The tiles of the status page: a number that is read at a glance, and its last five minutes.

import {paintTimeline} from "./chart.js";
import {el} from "./dom.js";
import {clockOf, formatBytes, formatSpan} from "./format.js";
import {latest, valueAt, WINDOW_S} from "./status_numbers.js";
import {text} from "./texts.js";

const NONE = "–";
/* By a key. */
const STEP_S = 5;
const or = (format, v) => (v === null ? NONE : format(v));
const plain = v => String(Number(v.toPrecision(3)));
const span = s => formatSpan(s * 1e6);
const about = s => span(Number(s.toPrecision(2)));
const percent = share => `${plain(100 * share)} %`;
const ofPercent = share => `${Math.round(100 * share)} %`;
const aSecond = v => text("aSecond", plain(v));
const bytesASecond = v => text("aSecond", formatBytes(Math.round(v)));

const AHEAD = ["mef3d_ahead_units_used_total", "mef3d_ahead_units_wasted_total"];
const HITS = ["mef3d_cache_hits_total", "mef3d_cache_joins_total"];
const REFUSED = ["protocol", "method", "encoding", "malformed", "slow", "limit", "connection"]
    .map(reason => `mef3d_grpc_refused_total{reason="${reason}"}`)
    .concat(["4xx", "5xx"].map(kind => `mef3d_http_requests_total{status="${kind}"}`));

/* Of workers' time the part in which they had a job, as it was told when jobs ended; at present
 * those that have one. */
function busy(numbers) {
    const now = {busy: 'mef3d_pool_workers{state="busy"}', idle: 'mef3d_pool_workers{state="idle"}'};
    const workers = row => numbers.of(row, now.busy) + numbers.of(row, now.idle);
    return numbers.between((row, before) => {
        const s = numbers.added(row, before, ["mef3d_pool_busy_seconds_total"]);
        return s === null || !workers(row) ? null
            : Math.min(1, s / (row.at_s - before.at_s) / workers(row));
    });
}

/* What each tile shows: lines as [words, series of the numbers]; on top a number of the lines'
 * latest values, and what it is. */
const TILES = [
    {key: "tileRequests", format: plain, lines: [
        ["lineCalls", numbers => numbers.calls()], ["lineRefused", numbers => numbers.rate(...REFUSED)]],
    big: values => or(aSecond, values[0])},
    {key: "tileBytes", isBytes: true, format: v => formatBytes(Math.round(v)), lines: [
        ["lineGrpc", numbers => numbers.rate("mef3d_grpc_message_bytes_total")],
        ["lineHttp", numbers => numbers.rate("mef3d_http_answer_bytes_total")]],
    big: ([grpc, http]) => (grpc === null || http === null ? NONE : bytesASecond(grpc + http))},
    {key: "tileLatency", format: about, isLog: true, lines: [
        ["lineP50", numbers => numbers.percentiles(0.5)], ["lineP95", numbers => numbers.percentiles(0.95)],
        ["lineP99", numbers => numbers.percentiles(0.99)]],
    hint: "hintLatency", big: values => or(span, values[1])},
    {key: "tileHits", format: ofPercent, top: 1, lines: [
        ["lineHits", numbers => numbers.share(HITS, [...HITS, "mef3d_cache_misses_total"])]],
    hint: "hintHits", big: values => or(percent, values[0])},
    {key: "tileAhead", format: plain, lines: [
        ["lineUsed", numbers => numbers.rate(AHEAD[0])], ["lineWasted", numbers => numbers.rate(AHEAD[1])]],
    hint: "hintAhead", big: ([used, wasted]) => (used + wasted > 0 ? percent(used / (used + wasted)) : NONE)},
    {key: "tileQueue", format: plain, lines: [
        ["lineNow", numbers => numbers.gauge('mef3d_pool_queue_jobs{lane="now"}')],
        ["lineAhead", numbers => numbers.gauge('mef3d_pool_queue_jobs{lane="ahead"}')]],
    hint: "hintQueue", big: values => or(plain, values[0])},
    {key: "tileBusy", format: ofPercent, top: 1, lines: [["lineBusy", busy]],
        hint: "hintBusy", big: values => or(ofPercent, values[0])},
];

class Tile {
    constructor(what) {
        this.what = what;
        this.series = [];
        this.at = null;
        this.big = el("strong");
        this.values = what.lines.map(() => el("span", {className: "number"}));
        this.canvas = el("canvas", {role: "img", tabIndex: 0});
        const legend = el("ul", {className: "legend"}, ...what.lines.map(([key], i) => el("li", {},
            what.lines.length > 1 ? el("i", {className: `stroke-${i}`}) : null, `${text(key)} `, this.values[i])));
        this.element = el("section", {className: "tile"},
            el("h2", {}, text(what.key)), el("p", {className: "big"}, this.big,
                what.hint ? el("small", {}, text(what.hint)) : null), legend, this.canvas);
        this.canvas.addEventListener("pointermove", event => this.point(this.timeOf?.(event.offsetX) ?? null));
        this.canvas.addEventListener("pointerleave", () => this.point(null));
        this.canvas.addEventListener("blur", () => this.point(null));
        this.canvas.addEventListener("keydown", event => this.step(event));
    }

    /** To the values of a time, or of now: null. */
    point(t) {
        this.at = t === null || t >= this.now ? null : Math.max(t, this.now - WINDOW_S);
        this.paint();
    }

    step(event) {
        const seconds = {ArrowLeft: -STEP_S, ArrowRight: STEP_S}[event.key];
        if (!seconds) return;
        event.preventDefault();
        this.point((this.at ?? this.now) + seconds);
    }

    show(numbers) {
        this.now = numbers.now;
        this.series = this.what.lines.map(([, make]) => make(numbers));
        this.big.textContent = this.what.big(this.series.map(latest));
        this.paint();
    }

    paint() {
        const {format} = this.what;
        if (!this.series.length) return;
        this.series.forEach((series, i) => {
            const v = this.at === null ? latest(series) : valueAt(series, this.at);
            this.values[i].textContent = or(format, v);
        });
        const when = this.at === null ? text("now") : clockOf(this.at);
        this.canvas.ariaLabel = text("timelineOf", text(this.what.key), when,
            this.what.lines.map(([key], i) => `${text(key)} ${this.values[i].textContent}`).join(", "));
        this.timeOf = paintTimeline(this.canvas, this.series, {...this.what, now: this.now, seconds: WINDOW_S,
            at: this.at, words: {now: text("now"), ago: n => text("minutesAgo", n), at: clockOf}});
    }
}

/* Memory against its budget: a bar each. */
class Memory {
    constructor() {
        this.list = el("dl", {className: "memory"});
        this.element = el("section", {className: "tile"}, el("h2", {}, text("tileMemory")), this.list);
    }

    show(status) {
        this.list.replaceChildren(...status.memory.flatMap(({name, bytes, budget_bytes: budget}) => [
            el("dt", {}, text(`memory_${name}`)),
            el("dd", {}, el("meter", {min: 0, max: budget, value: bytes, ariaLabel: text(`memory_${name}`)}),
                el("span", {}, text("ofBudget", formatBytes(bytes), formatBytes(budget))))]));
    }

    paint() {}
}

/** All tiles: {elements, show(status, numbers), paint()}. */
export class Tiles {
    constructor() {
        this.timelines = TILES.map(what => new Tile(what));
        this.memory = new Memory();
        this.elements = [...this.timelines, this.memory].map(tile => tile.element);
    }

    show(status, numbers) {
        for (const tile of this.timelines) tile.show(numbers);
        this.memory.show(status);
    }

    paint() {
        for (const tile of this.timelines) tile.paint();
    }
}
