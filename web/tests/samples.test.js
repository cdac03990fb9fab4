import assert from "node:assert/strict";
import test from "node:test";

import {parseEnvelope, parseSamples} from "../samples.js";

function u32(value) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
}

function i64(value) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
}

function f32(...values) {
    return Buffer.concat(values.map(value => {
        const bytes = Buffer.alloc(4);
        bytes.writeFloatLE(value);
        return bytes;
    }));
}

function json(value) {
    const text = Buffer.from(JSON.stringify(value));
    return Buffer.concat([u32(text.length + 3), text, Buffer.from("   ")]);
}

function buffer(...parts) {
    return Uint8Array.from(Buffer.concat(parts)).buffer;
}

const HEAD = {recording: "a.mefd", channels: ["a", "b"], rate_hz: 4, type: "float32"};
const SAMPLES = [Buffer.from("MEF3SMP1"), json(HEAD), u32(2), u32(0), i64(1600000000000000), f32(1, NaN, 3, 4),
    u32(1), u32(0), i64(1600000000500000), f32(5, 6), u32(0), json({error: null, damage: "block 7"})];

test("frames, each channel's samples, and the damage that is told at the end", () => {
    const {head, frames, error, damage} = parseSamples(buffer(...SAMPLES));
    assert.deepEqual(head, HEAD);
    assert.deepEqual(frames.map(f => [f.start, f.n]), [[1600000000000000, 2], [1600000000500000, 1]]);
    assert.deepEqual(frames.map(f => f.channels.map(c => [...c])), [[[1, NaN], [3, 4]], [[5], [6]]]);
    assert.deepEqual([error, damage], [null, "block 7"]);
});

test("cut short anywhere, or another's answer: refused", () => {
    const whole = Buffer.concat(SAMPLES);
    for (let n = 0; n < whole.length; n++)
        assert.throws(() => parseSamples(buffer(whole.subarray(0, n))), undefined, `${n} bytes`);
    assert.throws(() => parseEnvelope(buffer(...SAMPLES)), /MEF3ENV1/);
});

test("rows of the envelope", () => {
    const {head, channels} = parseEnvelope(buffer(Buffer.from("MEF3ENV1"),
        json({channels: [{name: "a"}, {name: "b"}], level: "index"}),
        u32(1), u32(0), i64(10), i64(20), f32(-1.5, 2), u32(2), u32(0), u32(0), u32(0)));
    assert.equal(head.level, "index");
    assert.deepEqual(channels, [[{start: 10, end: 20, min: -1.5, max: 2, kind: 2}], []]);
    assert.throws(() => parseEnvelope(buffer(Buffer.from("MEF3ENV1"), json({channels: [{}]}), u32(1 << 30), u32(0))),
        /cut short/);
});
