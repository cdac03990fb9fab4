// Which traces are made of which channels. Pure functions.
//
// A trace is {label, plus, minus}: the channel `plus` less the mean of the channels `minus`
// (none: as recorded); those of one `chain` stand together. Names are compared as electrodes:
// "EEG Fp1-Ref" is Fp1, T7 is T3.

export const MONTAGES = ["recorded", "reference", "average", "longitudinal", "transverse", "depth", "own"];

const LONGITUDINAL = [
    "Fp1 F7 T3 T5 O1", "Fp1 F3 C3 P3 O1", "Fz Cz Pz", "Fp2 F4 C4 P4 O2", "Fp2 F8 T4 T6 O2"];
const TRANSVERSE = [
    "F7 Fp1 Fp2 F8", "F7 F3 Fz F4 F8", "T3 C3 Cz C4 T4", "T5 P3 Pz P4 T6", "T5 O1 O2 T6"];
/* The names of 10-10 for what 10-20 calls otherwise. */
const OTHER_NAMES = new Map([["t7", "t3"], ["t8", "t4"], ["p7", "t5"], ["p8", "t6"]]);
const TEN_TWENTY = new Set([...LONGITUDINAL, ...TRANSVERSE, "A1 A2 M1 M2"].join(" ").toLowerCase().split(" "));

/** "EEG Fp1-REF" and "FP1" are both "fp1". */
export function electrode(name) {
    const bare = name.trim().toLowerCase().replace(/^eeg[\s_.-]+/, "")
        .replace(/[\s_.-]+(ref|le|avg?)$/, "");
    return OTHER_NAMES.get(bare) ?? bare;
}

/** -1 left, 1 right, 0 the middle or not a name that tells. */
export function side(name) {
    const found = /^[a-z]{1,3}(\d{1,2})$/.exec(electrode(name));
    if (!found || !TEN_TWENTY.has(electrode(name))) return 0;
    return Number(found[1]) % 2 ? -1 : 1;
}

function pairs(plus, minus, chain = 0) {
    return {label: `${plus}–${minus}`, plus, minus: [minus], chain};
}

function chains(names, rows) {
    const byElectrode = new Map(names.map(name => [electrode(name), name]));
    const traces = [];
    for (const [chain, row] of rows.entries()) {
        const contacts = row.toLowerCase().split(" ").map(one => byElectrode.get(one));
        /* Only true neighbours: a chain is not closed over an electrode that is missing. */
        for (let i = 0; i + 1 < contacts.length; i++)
            if (contacts[i] !== undefined && contacts[i + 1] !== undefined)
                traces.push(pairs(contacts[i], contacts[i + 1], chain));
    }
    return traces;
}

/** Shafts by what stands before the number: {shaft: [[number, name]]}, in the order of numbers. */
export function shafts(names) {
    const found = new Map();
    for (const name of names) {
        const parts = /^(.*\D)(\d+)$/s.exec(name.trim());
        if (!parts) continue;
        const shaft = parts[1];
        if (!found.has(shaft)) found.set(shaft, []);
        found.get(shaft).push([Number(parts[2]), name]);
    }
    for (const [shaft, contacts] of found) {
        contacts.sort((a, b) => a[0] - b[0]);
        /* C3 and C4 are no shaft. */
        if (contacts.every(([, name]) => TEN_TWENTY.has(electrode(name)))) found.delete(shaft);
    }
    return found;
}

function depth(names) {
    const traces = [];
    for (const [chain, contacts] of [...shafts(names).values()].entries())
        for (let i = 0; i + 1 < contacts.length; i++)
            if (contacts[i + 1][0] === contacts[i][0] + 1)
                traces.push(pairs(contacts[i][1], contacts[i + 1][1], chain));
    return traces;
}

/* Names may have a "-" in them: the split is where both sides are channels. */
function splitPair(line, find) {
    for (let at = line.indexOf("-"); at >= 0; at = line.indexOf("-", at + 1)) {
        const plus = find(line.slice(0, at)), minus = find(line.slice(at + 1));
        if (plus !== undefined && minus !== undefined) return pairs(plus, minus);
    }
    return null;
}

/** Lines "Fp1-F3" or "Cz"; "#" begins a remark. {traces, unknown: [line]} */
export function parseOwn(lines, names) {
    const exact = new Map(names.map(name => [name.trim(), name]));
    const alike = new Map(names.map(name => [electrode(name), name]));
    const find = text => exact.get(text.trim()) ?? alike.get(electrode(text));
    const traces = [], unknown = [];
    for (const raw of lines) {
        const line = raw.trim();
        if (!line || line.startsWith("#")) continue;
        const alone = find(line);
        const trace = alone !== undefined ? {label: alone, plus: alone, minus: []} : splitPair(line, find);
        if (trace) traces.push(trace);
        else unknown.push(line);
    }
    return {traces, unknown};
}

/**
 * The traces of a montage over the channels shown (names, in order). `rateOf` says a channel's
 * rate: a difference is made of channels of one rate only, and the average of those of its rate.
 */
export function makeTraces({montage, reference, pairs: lines = []}, names, rateOf) {
    const alone = name => ({label: name, plus: name, minus: []});
    const sameRate = trace => trace.minus.every(name => rateOf(name) === rateOf(trace.plus));
    switch (montage) {
    case "reference":
        return names.filter(name => name !== reference)
            .map(name => (reference ? pairs(name, reference) : alone(name))).filter(sameRate);
    case "average":
        return names.map(name => ({label: `${name}–avg`, plus: name,
            minus: names.filter(other => rateOf(other) === rateOf(name))}));
    case "longitudinal":
        return chains(names, LONGITUDINAL).filter(sameRate);
    case "transverse":
        return chains(names, TRANSVERSE).filter(sameRate);
    case "depth":
        return depth(names).filter(sameRate);
    case "own":
        return parseOwn(lines, names).traces.filter(sameRate);
    default:
        return names.map(alone);
    }
}
