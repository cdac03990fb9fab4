import assert from "node:assert/strict";
import test from "node:test";

import {clampFrom, DEFAULTS, fromAddress, LENGTHS, step, toAddress} from "../state.js";

test("an address shows the same page again, hostile names too", () => {
    const state = {...DEFAULTS, recording: "a/b c&d.mefd", from: 1600000007000000, length: 30,
        channels: ["Fp1", "<b>", "a,b", "__proto__"], montage: "own", pairs: ["Fp1-F3", "a=b-c&d"], highpass: 0,
        lowpass: 15, notch: 60, sensitivity: 2.5, own: {"<b>": 7, "scale.x": 3}, negativeUp: false};
    assert.deepEqual(fromAddress("?" + toAddress(state)), {...state});
    assert.equal(toAddress({...DEFAULTS, recording: "a"}), "recording=a&scale=10");
});

test("what makes no sense is as by default", () => {
    const state = fromAddress("?recording=a&from=x&length=-3&montage=evil&highpass=7&scale=0&scale.a=-1&lowpass=");
    assert.deepEqual(state, {...DEFAULTS, recording: "a"});
});

test("a scale of a channel called __proto__ is one of that name", () => {
    const own = fromAddress("?recording=a&scale.__proto__=5").own;
    assert.equal(Object.getOwnPropertyDescriptor(own, "__proto__").value, 5);
});

test("steps in a table, from values that are not in it", () => {
    for (const [value, by, expected] of [[10, 1, 15], [10, -1, 5], [12, 1, 15], [12, -1, 10], [1, -1, 1],
        [2592000, 1, 2592000], [9e9, -1, 2592000], [0.1, 1, 1]])
        assert.equal(step(LENGTHS, value, by), expected, `${value} ${by}`);
});

test("a window stays in the recording", () => {
    assert.equal(clampFrom(5, 1, 100, 9e6), 100);
    assert.equal(clampFrom(9e9, 1, 100, 9e6), 8e6);
    assert.equal(clampFrom(0, 100, 100, 9e6), 100);
});
