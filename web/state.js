// What the viewer shows, and the same as an address, so that a link shows a colleague the same
// page. Pure functions. What is as by default is not in the address.

import {HIGH_PASS, LOW_PASS, NOTCH} from "./filters.js";
import {MONTAGES} from "./montage.js";

export const LENGTHS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400,
    604800, 2592000];
export const SENSITIVITIES = [0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300,
    500, 700, 1000, 2000, 5000, 10000, 20000, 50000, 100000];
const LONGEST_S = 400 * 365 * 86400;

export const DEFAULTS = Object.freeze({
    recording: "",
    from: null, // uUTC; null: the start
    length: 10, // seconds
    channels: [], // none: all
    montage: "recorded",
    reference: "",
    pairs: [], // the lines of an own montage
    highpass: 0.5,
    lowpass: 70,
    notch: 0,
    sensitivity: 10, // µV/mm
    own: {}, // sensitivities by label of the trace
    negativeUp: true,
});

const OWN = "scale.";

function choice(text, allowed, otherwise) {
    if (text === "off") return 0;
    const number = Number(text);
    return text && allowed.includes(number) ? number : otherwise;
}

function positive(text, most, otherwise) {
    const number = Number(text);
    return text && number > 0 && number <= most ? number : otherwise;
}

/** From the text behind "?". What makes no sense is as by default: links are typed by hand too. */
export function fromAddress(search) {
    const query = new URLSearchParams(search);
    const state = structuredClone({...DEFAULTS});
    const from = query.get("from");
    state.recording = query.get("recording") ?? "";
    state.from = from !== null && Number.isSafeInteger(Number(from)) && from !== "" ? Number(from) : null;
    state.length = positive(query.get("length"), LONGEST_S, DEFAULTS.length);
    state.channels = [...new Set(query.getAll("channel"))];
    state.montage = MONTAGES.includes(query.get("montage")) ? query.get("montage") : DEFAULTS.montage;
    state.reference = query.get("reference") ?? "";
    state.pairs = query.getAll("pair");
    state.highpass = choice(query.get("highpass"), HIGH_PASS, DEFAULTS.highpass);
    state.lowpass = choice(query.get("lowpass"), LOW_PASS, DEFAULTS.lowpass);
    state.notch = choice(query.get("notch"), NOTCH, DEFAULTS.notch);
    state.sensitivity = positive(query.get("scale"), 1e9, DEFAULTS.sensitivity);
    for (const [key, value] of query)
        if (key.startsWith(OWN) && positive(value, 1e9, 0))
            Object.defineProperty(state.own, key.slice(OWN.length),
                {value: Number(value), enumerable: true, writable: true, configurable: true});
    state.negativeUp = query.get("up") !== "positive";
    return state;
}

export function toAddress(state) {
    const query = new URLSearchParams({recording: state.recording});
    const filter = (key, value) => {
        if (value !== DEFAULTS[key]) query.set(key, value || "off");
    };
    if (state.from !== null) query.set("from", state.from);
    if (state.length !== DEFAULTS.length) query.set("length", state.length);
    for (const name of state.channels) query.append("channel", name);
    if (state.montage !== DEFAULTS.montage) query.set("montage", state.montage);
    if (state.montage === "reference" && state.reference) query.set("reference", state.reference);
    if (state.montage === "own") for (const line of state.pairs) query.append("pair", line);
    filter("highpass", state.highpass);
    filter("lowpass", state.lowpass);
    filter("notch", state.notch);
    /* Always: without one the viewer looks for one that suits what it finds. */
    query.set("scale", state.sensitivity);
    for (const [label, value] of Object.entries(state.own)) query.set(OWN + label, value);
    if (!state.negativeUp) query.set("up", "positive");
    return query.toString();
}

/** The next of a table, `by` steps on, from a value that need not be in it. */
export function step(table, value, by) {
    let at = table.findIndex(one => one >= value);
    if (at < 0) at = table.length;
    if (by > 0 && table[at] !== value) at--;
    return table[Math.min(Math.max(at + by, 0), table.length - 1)];
}

/** Where a window may begin: it shows at least its first part of the recording. */
export function clampFrom(from, length, start, end) {
    const last = Math.max(start, end - length * 1e6);
    return Math.round(Math.min(Math.max(from, start), last));
}
