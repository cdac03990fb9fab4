// What the viewer knows and does, without its looks: the state (which is the address), the facts
// of the recording, and the page that is shown. Events: "state", "page", "cursor", "loading",
// "records".

import {get, Problem} from "./api.js";
import {SECOND} from "./format.js";
import {leadSeconds} from "./filters.js";
import {makeTraces} from "./montage.js";
import {parseEnvelope} from "./samples.js";
import {Availability, computeTraces, explainHoles, microvolts} from "./signal.js";
import {clampFrom, DEFAULTS, toAddress} from "./state.js";
import {SampleStore} from "./store.js";
import {text} from "./texts.js";

const LONGEST_PAGE_S = 300; // above, the envelope: filters need samples
const MOST_SAMPLES = 24e6;
const MOST_ENVELOPES = 16;

export class Viewer extends EventTarget {
    constructor(state) {
        super();
        this.state = state;
        this.width = 1000; // pixels of the paper, for the envelope
        this.availability = new Availability(null);
        this.records = [];
        this.marks = []; // none, one or two times
        this.cursor = null;
        this.selected = 0;
        this.envelopes = new Map();
        this.isLoading = false;
        this.direction = 1;
        this.areFiltersOn = true;
    }

    tell(type) {
        this.dispatchEvent(new Event(type));
    }

    /** Facts first: without them nothing is shown. What else is slow comes behind the first page. */
    async open() {
        const recording = this.state.recording;
        this.facts = await get("metadata", [["recording", recording]]);
        const channels = this.facts.channels.filter(c => !c.error && c.rate_hz > 0 && c.n_samples > 0);
        if (this.facts.start_uutc === null || channels.length === 0) throw new Problem(422, text("noChannels"));
        channels.sort((a, b) => (a.acquisition_number ?? 0) - (b.acquisition_number ?? 0));
        this.channels = new Map(channels.map(c => [c.name, c]));
        this.start = this.facts.start_uutc;
        this.end = this.facts.end_uutc;
        this.offset = this.facts.gmt_offset_s;
        this.store = new SampleStore(new Map(channels.map(c => [c.name, c.rate_hz])), this.start, this.end,
            (names, from, to) => get("samples", this.query(names, from, to), "buffer"));
        this.state.from = clampFrom(this.state.from ?? this.start, this.state.length, this.start, this.end);
        this.change({});
        this.loadBehind();
    }

    query(names, from, to) {
        return [["recording", this.state.recording], ...names.map(name => ["channel", name]),
            ["from", Math.round(from)], ["to", Math.round(to)]];
    }

    async loadBehind() {
        const ask = async (resource, use) => {
            try {
                use(await get(resource, [["recording", this.state.recording]]));
            } catch (error) {
                use(null, error);
            }
        };
        await ask("availability", answer => {
            this.availability = new Availability(answer);
            if (this.page) this.makePage();
            this.tell("availability");
        });
        await ask("records", (answer, error) => {
            this.records = (answer?.records ?? []).filter(r => Number.isFinite(r.time_uutc))
                .sort((a, b) => a.time_uutc - b.time_uutc);
            this.areRecordsTruncated = Boolean(answer?.truncated);
            this.recordsError = error?.message ?? null;
            this.tell("records");
        });
    }

    /** Names of the channels shown, in the order they were recorded in. */
    shown() {
        const asked = this.state.channels.filter(name => this.channels.has(name));
        return asked.length ? asked : [...this.channels.keys()];
    }

    get to() {
        return this.state.from + this.state.length * SECOND;
    }

    get filters() {
        return this.areFiltersOn ? this.state : {};
    }

    recipes() {
        const rateOf = name => this.channels.get(name).rate_hz;
        /* A reference and an own montage may use channels that are not shown themselves. */
        const from = this.state.montage === "own" ? [...this.channels.keys()] : this.shown();
        const state = this.channels.has(this.state.reference) ? this.state : {...this.state, reference: ""};
        return makeTraces(state, from, rateOf);
    }

    isEnvelope(recipes) {
        let samples = 0;
        for (const recipe of recipes) samples += this.state.length * this.channels.get(recipe.plus).rate_hz;
        return this.state.length > LONGEST_PAGE_S || samples > MOST_SAMPLES;
    }

    toMicro(name) {
        return microvolts(this.channels.get(name).units) ?? 1;
    }

    unitOf(name) {
        const units = this.channels.get(name).units;
        return microvolts(units) === null ? units || "?" : "µV";
    }

    /** Change some of the state; the address follows at once, the page when its samples are here. */
    change(changes) {
        if (changes.from !== undefined) this.direction = changes.from < this.state.from ? -1 : 1;
        Object.assign(this.state, changes);
        this.state.from = clampFrom(this.state.from, this.state.length, this.start, this.end);
        history.replaceState(null, "", `/view?${toAddress(this.state)}`);
        this.tell("state");
        this.refresh();
    }

    /* One load at a time: what was paged over meanwhile is not asked for. */
    async refresh() {
        this.isStale = true;
        if (this.isLoading) return;
        this.isLoading = true;
        this.tell("loading");
        try {
            while (this.isStale) {
                this.isStale = false;
                await this.load();
                if (!this.isStale) this.makePage();
            }
            this.error = null;
        } catch (error) {
            this.error = error;
            this.page = null;
            this.tell("page");
        }
        this.isLoading = false;
        this.tell("loading");
        if (this.isStale) this.refresh();
        else this.prefetch();
    }

    needed(recipes) {
        return [...new Set(recipes.flatMap(r => [r.plus, ...r.minus]))];
    }

    async load() {
        const recipes = this.recipes();
        if (this.isEnvelope(recipes)) {
            await this.loadEnvelope();
            return;
        }
        const lead = leadSeconds(this.filters) * SECOND;
        await this.store.ensure(this.needed(recipes), this.state.from - lead, this.to);
    }

    /** Rows by channel, for this width: bars are what was recorded, so they are of shown channels. */
    async fetchEnvelope(names, from, to, width) {
        const key = [from, to, width, ...names].join("\0");
        if (!this.envelopes.has(key)) {
            const bytes = await get("envelope", [...this.query(names, from, to), ["width", width]], "buffer");
            this.envelopes.set(key, parseEnvelope(bytes));
            if (this.envelopes.size > MOST_ENVELOPES) this.envelopes.delete(this.envelopes.keys().next().value);
        }
        return this.envelopes.get(key);
    }

    async loadEnvelope() {
        await this.fetchEnvelope(this.shown(), this.state.from, Math.min(this.to, this.end), this.width);
    }

    makePage() {
        const {from} = this.state, to = this.to, recipes = this.recipes();
        this.page = {from, to, isEnvelope: this.isEnvelope(recipes)};
        if (this.page.isEnvelope) this.makeEnvelopePage();
        else this.makeTracesPage(recipes);
        this.selected = Math.max(0, Math.min(this.selected, this.page.traces.length - 1));
        this.tell("page");
    }

    makeEnvelopePage() {
        const names = this.shown();
        const key = [this.state.from, Math.min(this.to, this.end), this.width, ...names].join("\0");
        const envelope = this.envelopes.get(key);
        if (!envelope) { // the window became another since: its load is on the way
            this.page.traces = [];
            return;
        }
        this.page.traces = envelope.head.channels.map(({name}, i) => {
            const factor = this.toMicro(name), rate = this.channels.get(name).rate_hz;
            const rows = envelope.channels[i].map(row => ({...row, min: row.min * factor, max: row.max * factor}));
            return {label: name, plus: name, minus: [], rows, holes: this.rowHoles(rows, rate),
                unit: this.unitOf(name)};
        });
    }

    /* What no row covers is a gap; times of rows are whole µs, so less than a sample is none. */
    rowHoles(rows, rate) {
        const found = [], least = SECOND / rate;
        let at = this.page.from;
        for (const row of rows) {
            if (row.start - at > least) found.push({start: at, end: row.start, damage: null});
            if (row.kind === 2) found.push({start: row.start, end: row.end, damage: text("damageHere")});
            at = Math.max(at, row.end);
        }
        if (this.page.to - at > least) found.push({start: at, end: this.page.to, damage: null});
        return found;
    }

    /** Why a stretch of the envelope cannot be read: its first sample is asked for, once. */
    async explain(trace, hole) {
        if (!trace.rows || hole.isAsked) return;
        hole.isAsked = true;
        const period = SECOND / this.channels.get(trace.plus).rate_hz;
        try {
            await this.store.ensure([trace.plus], hole.start, Math.min(hole.end, hole.start + period));
        } catch {
            return; // that it is damage is known; why, is not told now
        }
        const isOfHole = one => one.names.has(trace.plus) && one.from < hole.end && one.to > hole.start;
        const fault = this.store.faults.find(isOfHole);
        if (fault) hole.damage = fault.text;
    }

    makeTracesPage(recipes) {
        const words = text("damageHere");
        this.page.traces = computeTraces(this.store, recipes, this.filters, this.page.from, this.page.to,
            name => this.toMicro(name));
        for (const trace of this.page.traces) {
            trace.holes = explainHoles(trace, this.availability, this.store.faults, words);
            trace.unit = this.unitOf(trace.plus);
        }
    }

    /** The page that will be asked for next, fetched when nothing else is. */
    async prefetch() {
        const recipes = this.recipes();
        if (!this.page || this.page.isEnvelope) return;
        const from = this.state.from + this.direction * this.state.length * SECOND;
        try {
            await this.store.ensure(this.needed(recipes), from, from + this.state.length * SECOND);
        } catch {
            return; // it is told when the page is asked for
        }
    }

    sensitivityOf(label) {
        return Object.hasOwn(this.state.own, label) ? this.state.own[label] : this.state.sensitivity;
    }

    /** The value of a trace at a time, or of its envelope {min, max}; NaN in a hole. */
    valueAt(trace, time) {
        if (trace.rows) return trace.rows.find(row => row.start <= time && time < row.end && row.kind === 0) ?? NaN;
        return trace.values[Math.round((time - trace.start) / SECOND * trace.rate)] ?? NaN;
    }

    setCursor(time) {
        this.cursor = time;
        this.tell("cursor");
    }

    setMarks(marks) {
        this.marks = marks;
        this.tell("cursor");
    }

    reset() {
        this.change(structuredClone({...DEFAULTS, recording: this.state.recording, from: this.state.from}));
    }
}
