// The filters against scipy's: coefficients within 1e-9, output within 1e-8 of the largest value
// put in. Both compute in doubles, and the difference is of rounding only; it is greatest for a
// high pass of 0.1 Hz at 5 kHz, whose poles are 1e-4 from the unit circle.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import test from "node:test";
import {fileURLToPath} from "node:url";

import {design, filterInPlace, HIGH_PASS, leadSeconds, LOW_PASS, NOTCH} from "../filters.js";

const TOLERANCE = 1e-9;
const OUTPUT_TOLERANCE = 1e-8;
const REFERENCE = fileURLToPath(new URL("filters_reference.py", import.meta.url));

function noise(n, seed) {
    return Float64Array.from({length: n}, (_, i) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return 300 + 200 * Math.sin(i / 40) + 100 * (seed / 2 ** 32 - 0.5);
    });
}

const RATES = [128, 250, 256, 512, 1000, 5000.5];
const CASES = [];
for (const rate of RATES) {
    for (const highpass of HIGH_PASS) CASES.push({rate, highpass});
    for (const lowpass of LOW_PASS) if (lowpass < 0.49 * rate) CASES.push({rate, lowpass});
    for (const notch of NOTCH) CASES.push({rate, notch});
    CASES.push({rate, highpass: 0.1, lowpass: 35, notch: 50});
}

function withScipy(cases) {
    const asked = cases.map(({rate, highpass = 0, lowpass = 0, notch = 0, values}) => {
        const notches = [];
        for (let i = 1; notch && i <= 10 && i * notch < 0.49 * rate; i++) notches.push(i * notch);
        return {rate, highpass, lowpass, notches, values: Array.from(values, v => (Number.isNaN(v) ? null : v))};
    });
    const done = spawnSync("/usr/bin/python3", [REFERENCE],
        {input: JSON.stringify(asked), encoding: "utf8", maxBuffer: 1 << 28});
    assert.equal(done.status, 0, done.stderr);
    return JSON.parse(done.stdout);
}

test("sections and output are scipy's, with gaps, at every setting and rate", () => {
    const cases = CASES.map((one, i) => {
        const values = noise(2000, i + 1);
        values.fill(NaN, 700, 703);
        values.fill(NaN, 1500, 1600);
        return {...one, values};
    });
    const answers = withScipy(cases);
    let worst = 0;
    cases.forEach((one, i) => {
        const sections = design(one, one.rate);
        assert.equal(sections.length, answers[i].sections.length, JSON.stringify({...one, values: 0}));
        sections.flat().forEach((value, at) => {
            const expected = answers[i].sections.flat()[at];
            assert.ok(Math.abs(value - expected) < TOLERANCE, `${value} is not ${expected}`);
        });
        const output = filterInPlace(sections, one.values.slice());
        output.forEach((value, at) => {
            const expected = answers[i].output[at];
            assert.equal(Number.isNaN(value), expected === null, `a gap at ${at}`);
            if (expected !== null) worst = Math.max(worst, Math.abs(value - expected) / 600);
        });
    });
    assert.ok(worst > 0 && worst < OUTPUT_TOLERANCE, `worst difference ${worst}`);
});

test("after the lead-in a page shows no start-up transient: it equals a filter that ran for long", () => {
    for (const setting of [{highpass: 0.1}, {highpass: 0.5, lowpass: 70}, {lowpass: 15, notch: 50}, {notch: 60}]) {
        const rate = 256, values = noise(60 * rate, 7);
        for (let i = 0; i < 40 * rate; i++) values[i] += 5000 * Math.sin(i / 3000);
        const begin = 45 * rate;
        const all = filterInPlace(design(setting, rate), values.slice());
        const lead = Math.ceil(leadSeconds(setting) * rate);
        const part = filterInPlace(design(setting, rate), values.slice(begin - lead));
        for (let i = 0; i < 10 * rate; i++)
            assert.ok(Math.abs(all[begin + i] - part[lead + i]) < 1, `${JSON.stringify(setting)} at ${i}`);
    }
});

test("a constant is taken off by the high pass at once, and kept by the others", () => {
    const flat = new Float64Array(100).fill(1234);
    assert.ok(filterInPlace(design({highpass: 0.5}, 256), flat.slice()).every(v => Math.abs(v) < 1e-9));
    assert.ok(filterInPlace(design({lowpass: 15, notch: 50}, 256), flat.slice())
        .every(v => Math.abs(v - 1234) < 1e-6));
});

test("what a rate cannot have is left out", () => {
    assert.equal(design({lowpass: 70}, 128).length, 0);
    assert.equal(design({lowpass: 70, notch: 50}, 250).length, 3);
    assert.equal(design({}, 250).length, 0);
});
