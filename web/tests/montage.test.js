import assert from "node:assert/strict";
import test from "node:test";

import {electrode, makeTraces, parseOwn, shafts, side} from "../montage.js";

const TEN_TWENTY = "Fp1 Fp2 F3 F4 C3 C4 P3 P4 O1 O2 F7 F8 T3 T4 T5 T6 Fz Cz Pz".split(" ");
const one = () => 256;
const labels = (montage, names, rate = one) => makeTraces(montage, names, rate).map(t => t.label);

test("the names of electrodes are found in the names of channels", () => {
    for (const [name, expected] of [["Fp1", "fp1"], ["EEG Fp1-Ref", "fp1"], ["EEG FP1-LE", "fp1"], ["T7", "t3"],
        ["P8", "t6"], ["fp1 ref", "fp1"], ["__proto__", "__proto__"], ["LE", "le"]])
        assert.equal(electrode(name), expected, name);
    assert.deepEqual(["Fp1", "C4", "Cz", "LT01", "EEG O2-Ref"].map(side), [-1, 1, 0, 0, 1]);
});

test("the double banana has its eighteen pairs in the order of the reading room", () => {
    const found = labels({montage: "longitudinal"}, TEN_TWENTY);
    assert.equal(found.length, 18);
    assert.deepEqual(found.slice(0, 5), ["Fp1–F7", "F7–T3", "T3–T5", "T5–O1", "Fp1–F3"]);
    assert.deepEqual(found.slice(-1), ["T6–O2"]);
    const other = labels({montage: "longitudinal"}, TEN_TWENTY.map(n => ({T3: "T7", T5: "P7"})[n] ?? n));
    assert.ok(other.includes("T7–P7"));
});

test("transverse chains; a chain is not closed over an electrode that is missing", () => {
    assert.ok(labels({montage: "transverse"}, TEN_TWENTY).includes("C3–Cz"));
    const without = labels({montage: "transverse"}, TEN_TWENTY.filter(n => n !== "Cz"));
    assert.ok(!without.some(label => label.includes("C3–C4") || label.includes("Cz")));
});

test("neighbouring contacts of a depth electrode, by name and number", () => {
    assert.deepEqual(labels({montage: "depth"}, ["A10", "A9", "B'1", "A1", "A2", "B'2", "A4", "Fp1", "C3", "C4"]),
        ["A1–A2", "A9–A10", "B'1–B'2"]);
    assert.equal(shafts(["LT00", "LT01"]).get("LT").length, 2);
});

test("reference and average: of one rate only", () => {
    const rate = name => (name === "slow" ? 1 : 256);
    assert.deepEqual(labels({montage: "reference", reference: "Cz"}, ["C3", "Cz", "slow"], rate), ["C3–Cz"]);
    const average = makeTraces({montage: "average"}, ["C3", "Cz", "slow"], rate);
    assert.deepEqual(average.map(t => t.minus), [["C3", "Cz"], ["C3", "Cz"], ["slow"]]);
});

test("own lines: names with a dash, remarks, and what is unknown is told", () => {
    const names = ["Fp1", "F3", "a-b", "c", "__proto__"];
    const {traces, unknown} = parseOwn(["Fp1-F3", "# remark", "", " a-b - c ", "a-b", "X-Y", "__proto__-c"], names);
    assert.deepEqual(traces.map(t => [t.plus, ...t.minus]), [["Fp1", "F3"], ["a-b", "c"], ["a-b"], ["__proto__", "c"]]);
    assert.deepEqual(unknown, ["X-Y"]);
});
