// From stored samples to traces: montage, then filters; and what the holes in a trace are.

import {SECOND} from "./format.js";
import {design, filterInPlace, leadSeconds} from "./filters.js";
import {UNREADABLE} from "./samples.js";

const MICRO = new Map([["uv", 1], ["µv", 1], ["μv", 1], ["microvolts", 1], ["nv", 1e-3], ["mv", 1e3], ["v", 1e6]]);

/** What a channel's values are multiplied with, so that they are in µV; null: they are no volts. */
export function microvolts(units) {
    return MICRO.get((units ?? "").trim().toLowerCase()) ?? null;
}

/* The mean of what is there at each moment. */
function meanOf(arrays) {
    const out = new Float64Array(arrays[0].length);
    for (let i = 0; i < out.length; i++) {
        let sum = 0, n = 0;
        for (const values of arrays) {
            if (Number.isNaN(values[i])) continue;
            sum += values[i];
            n++;
        }
        out[i] = n ? sum / n : NaN;
    }
    return out;
}

/**
 * The traces of a window: [{label, rate, start (time of the first value, µs), values (µV)}].
 * `toMicro(name)`: the factor of a channel.
 */
export function computeTraces(store, recipes, filters, from, to, toMicro) {
    const means = new Map(), read = new Map();
    const lead = leadSeconds(filters) * SECOND;

    return recipes.map(recipe => {
        const rate = store.rates.get(recipe.plus);
        const first = store.indexAt(from, rate), n = Math.max(0, store.indexAt(to, rate) - first);
        const before = Math.ceil(lead / SECOND * rate);
        const micro = name => {
            if (!read.has(name)) {
                const values = store.read(name, first - before, before + n), factor = toMicro(name);
                if (factor !== 1) values.forEach((value, i) => (values[i] = value * factor));
                read.set(name, values);
            }
            return read.get(name);
        };
        const values = micro(recipe.plus).slice();
        if (recipe.minus.length) {
            const key = recipe.minus.join("\0");
            if (!means.has(key)) means.set(key, recipe.minus.length === 1 ? micro(recipe.minus[0])
                : meanOf(recipe.minus.map(micro)));
            const less = means.get(key);
            for (let i = 0; i < values.length; i++) values[i] -= less[i];
        }
        filterInPlace(design(filters, rate), values);
        return {...recipe, rate, start: store.timeOf(first, rate), values: values.subarray(before)};
    });
}

/** [begin, end) of each run of NaN. */
export function holes(values) {
    const found = [];
    for (let i = 0; i < values.length; i++) {
        if (!Number.isNaN(values[i])) continue;
        const begin = i;
        while (i < values.length && Number.isNaN(values[i])) i++;
        found.push([begin, i]);
    }
    return found;
}

/** Is [start, end) within what the spans [[start, end]] (sorted) cover, but for `slack` at each edge? */
export function covered(start, end, spans, slack) {
    let at = start + slack;
    for (const [from, to] of spans) {
        if (from > at + slack) break;
        if (to > at) at = to;
    }
    return at + slack >= end;
}

/** What is known of a recording's stretches: where nothing was recorded, and what is unreadable. */
export class Availability {
    constructor(answer) {
        this.groups = answer?.groups ?? null;
        this.byName = new Map();
        for (const group of this.groups ?? []) {
            const gaps = [], unreadable = [];
            let last = -Infinity;
            for (const [start, end, kind] of group.spans) {
                if (kind === 0 || kind === UNREADABLE) {
                    if (start > last) gaps.push([last, start]);
                    last = Math.max(last, end);
                }
                if (kind === UNREADABLE) unreadable.push([start, end]);
            }
            gaps.push([last, Infinity]);
            for (const name of group.channels) this.byName.set(name, {gaps, unreadable, spans: group.spans});
        }
    }

    /** Is a hole of these channels a gap (or damage)? Not known: undefined. */
    isGap(names, start, end, slack) {
        if (!names.every(name => this.byName.has(name))) return undefined;
        const gaps = names.flatMap(name => this.byName.get(name).gaps).sort((a, b) => a[0] - b[0]);
        return covered(start, end, gaps, slack);
    }
}

/**
 * The holes of a trace: [{start, end, damage: words or null}]. Where the availability knows of no
 * gap there is damage; without one, it is where the server told of damage.
 */
export function explainHoles(trace, availability, faults, damageWords) {
    const period = SECOND / trace.rate;
    const names = trace.minus.length === 1 ? [trace.plus, trace.minus[0]] : [trace.plus];
    return holes(trace.values).map(([begin, end]) => {
        const start = trace.start + begin * period, stop = trace.start + end * period;
        const fault = faults.find(one => one.from < stop && one.to > start && names.some(name => one.names.has(name)));
        const isGap = availability.isGap(names, start, stop, 2 * period) ?? !fault;
        return {start, end: stop, damage: isGap ? null : fault?.text ?? damageWords};
    });
}
