import assert from "node:assert/strict";
import test from "node:test";

import {Problem} from "../api.js";
import {Availability, computeTraces, covered, explainHoles, holes, microvolts} from "../signal.js";
import {SampleStore} from "../store.js";

const START = 1600000000000000;

/* A server of ramps: sample k of a channel is k, but for a gap at samples 25 to 29. */
function answer(names, rate, from, to, {damage = null} = {}) {
    const n = Math.round((to - from) / 1e6 * rate), first = Math.round((from - START) / 1e6 * rate);
    const head = Buffer.from(JSON.stringify({channels: names, rate_hz: rate}));
    const bytes = Buffer.alloc(8 + 4 + head.length + 16 + 4 * n * names.length);
    bytes.write("MEF3SMP1");
    bytes.writeUInt32LE(head.length, 8);
    head.copy(bytes, 12);
    let at = 12 + head.length;
    bytes.writeUInt32LE(n, at);
    bytes.writeBigInt64LE(BigInt(Math.round(from)), at + 8);
    at += 16;
    for (let c = 0; c < names.length; c++)
        for (let i = 0; i < n; i++, at += 4)
            bytes.writeFloatLE(first + i >= 25 && first + i < 30 ? NaN : first + i + 1000 * c, at);
    const tail = Buffer.from(JSON.stringify({error: null, damage}));
    const length = Buffer.alloc(8);
    length.writeUInt32LE(tail.length, 4);
    return Uint8Array.from(Buffer.concat([bytes, length, tail])).buffer;
}

function makeStore(rates, reply) {
    const asked = [];
    const store = new SampleStore(new Map(Object.entries(rates)), START, START + 100e6, async (names, from, to) => {
        asked.push([names.join(), (from - START) / 1e6, (to - START) / 1e6]);
        return reply ? reply(names, from, to) : answer(names, rates[names[0]], from, to);
    });
    return {store, asked};
}

test("one request a rate; then only what is not here, neighbours together", async () => {
    const {store, asked} = makeStore({a: 10, b: 10, c: 1});
    await store.ensure(["a", "b", "c"], START, START + 10e6);
    assert.deepEqual(asked.splice(0), [["a,b", 0, 10], ["c", 0, 10]]);
    await store.ensure(["a", "b", "c"], START + 1e6, START + 11e6);
    assert.deepEqual(asked.splice(0), [["a,b", 10, 12], ["c", 10, 12]]);
    await store.ensure(["a", "b"], START - 5e6, START + 4e6);
    assert.deepEqual(asked, []);
    assert.deepEqual([...store.read("a", 18, 4)], [18, 19, 20, 21]);
    assert.deepEqual([...store.read("b", -1, 2)], [NaN, 1000]);
});

test("what is on its way is not asked for twice", async () => {
    const {store, asked} = makeStore({a: 10});
    await Promise.all([store.ensure(["a"], START, START + 4e6), store.ensure(["a"], START + 2e6, START + 6e6)]);
    assert.deepEqual(asked, [["a", 0, 4], ["a", 4, 6]]);
});

test("damage is kept as a fault; another refusal is thrown, and asked for again", async () => {
    const damaged = makeStore({a: 10}, () => {
        throw new Problem(422, "block 3 is damaged");
    });
    await damaged.store.ensure(["a"], START, START + 2e6);
    assert.equal(damaged.store.faults[0].text, "block 3 is damaged");
    const gone = makeStore({a: 10}, () => {
        throw new Problem(404, "gone");
    });
    await assert.rejects(gone.store.ensure(["a"], START, START + 2e6), /gone/);
    await assert.rejects(gone.store.ensure(["a"], START, START + 2e6), /gone/);
    assert.equal(gone.asked.length, 2);
});

test("traces: montage, units, and a window that begins between samples", async () => {
    const {store} = makeStore({a: 10, b: 10});
    await store.ensure(["a", "b"], START, START + 10e6);
    const recipes = [{label: "b", plus: "b", minus: []}, {label: "b-a", plus: "b", minus: ["a"]},
        {label: "b-avg", plus: "b", minus: ["a", "b"]}];
    const traces = computeTraces(store, recipes, {}, START + 150000, START + 450000, () => 2);
    assert.deepEqual(traces.map(t => [...t.values]), [[2004, 2006, 2008], [2000, 2000, 2000], [1000, 1000, 1000]]);
    assert.equal(traces[0].start, START + 200000);
});

test("holes: a gap where the availability knows of it, else damage", async () => {
    const {store} = makeStore({a: 10});
    await store.ensure(["a"], START, START + 10e6);
    const [trace] = computeTraces(store, [{label: "a", plus: "a", minus: []}], {}, START, START + 10e6, () => 1);
    assert.deepEqual(holes(trace.values), [[25, 30]]);
    const explain = (spans, faults = []) => explainHoles(trace,
        new Availability(spans && {groups: [{channels: ["a"], spans}]}), faults, "damaged");
    const gap = [START + 2.5e6, START + 3e6];
    assert.deepEqual(explain([[START, gap[0], 0], [...gap, 1], [gap[1], START + 10e6, 0]]),
        [{start: gap[0], end: gap[1], damage: null}]);
    assert.equal(explain([[START, START + 10e6, 0]])[0].damage, "damaged");
    assert.equal(explain([[START, gap[0], 0], [...gap, 2], [gap[1], START + 10e6, 0]])[0].damage, "damaged");
    const fault = {names: new Set(["a"]), from: START, to: START + 10e6, text: "block 3"};
    assert.equal(explain([[START, START + 10e6, 0]], [fault])[0].damage, "block 3");
    assert.equal(explain(null)[0].damage, null);
    assert.equal(explain(null, [fault])[0].damage, "block 3");
});

test("spans cover, but for slack at their edges", () => {
    assert.ok(covered(10, 20, [[9, 15], [15, 21]], 0));
    assert.ok(covered(10, 20, [[11, 19]], 1));
    assert.ok(!covered(10, 20, [[10, 14], [16, 20]], 0.5));
});

test("units of volts are told from others", () => {
    for (const [units, factor] of [["uV", 1], ["µV", 1], ["mV", 1000], ["V", 1e6], ["mmHg", null], [undefined, null]])
        assert.equal(microvolts(units), factor);
});
