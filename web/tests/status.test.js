// What the numbers of /api/v1/status say, and whether that is well.
import assert from "node:assert/strict";
import test from "node:test";

import {concerns} from "../health.js";
import {latest, Numbers, percentile, roundUp, valueAt, WINDOW_S} from "../status_numbers.js";

const BOUNDS = [0.001, 0.01, 0.1, 1];
const NAMES = ["hits", "misses", "queue", "mef3d_pool_workers_lost_total", 'mef3d_pool_queue_jobs{lane="now"}'];

/* Rows of [hits, misses, queue, lost, jobs], five seconds apart; the last one is the present. */
function status(rows, took = rows.map(() => [0, 0, 0, 0, 0]), more = {}) {
    const all = rows.map((numbers, i) => ({at_s: 1000 + 5 * i, numbers: [...numbers, 0, 0, 0].slice(0, 5),
        took: {counts: took[i], sum_s: 0}}));
    const now = all.pop();
    return {now_s: now.at_s, numbers: now.numbers, took: now.took, names: NAMES, bounds_s: BOUNDS,
        history: {step_s: 5, rows: all}, workers: [{state: "idle"}], refusals: [], damage: [], memory: [], ...more};
}

const values = series => series.map(({v}) => v);
const told = (...what) => concerns(...what).map(({key, values: words}) => [key, ...words]);

test("a percentile is linear within its bucket, and the last bound beyond all of them", () => {
    assert.equal(percentile([0, 0, 0, 0, 0], BOUNDS, 0.5), null);
    assert.equal(percentile([10, 0, 0, 0, 0], BOUNDS, 0.5), 0.0005);
    assert.ok(Math.abs(percentile([0, 4, 0, 0, 0], BOUNDS, 1) - 0.01) < 1e-12);
    assert.ok(Math.abs(percentile([50, 50, 0, 0, 0], BOUNDS, 0.75) - 0.0055) < 1e-12);
    assert.equal(percentile([0, 0, 0, 0, 3], BOUNDS, 0.5), 1);
    assert.equal(percentile([99, 0, 0, 0, 1], BOUNDS, 0.99), 0.001);
    assert.equal(percentile([99, 0, 0, 0, 1], BOUNDS, 0.995), 1);
});

test("a percentile is that of the values themselves, within a bucket", () => {
    const bounds = Array.from({length: 100}, (_, i) => (i + 1) / 100);
    const times = Array.from({length: 1000}, (_, i) => (i * 7919 % 1000) / 1000 * 0.9);
    const counts = new Array(101).fill(0);
    for (const t of times) counts[bounds.findIndex(bound => t <= bound)]++;
    const sorted = [...times].sort((a, b) => a - b);
    for (const share of [0.5, 0.95, 0.99])
        assert.ok(Math.abs(percentile(counts, bounds, share) - sorted[Math.ceil(share * 1000) - 1]) <= 0.01);
});

test("a rate is what was added, a second, and nothing where a server began anew", () => {
    const numbers = new Numbers(status([[0, 0], [10, 0], [10, 5], [2, 0], [12, 0]]));
    assert.deepEqual(values(numbers.rate("hits")), [2, 0, null, 2]);
    assert.deepEqual(values(numbers.rate("hits", "misses")), [2, 1, null, 2]);
    assert.equal(numbers.grownInAll("hits"), 20);
    assert.equal(numbers.rate("hits")[0].t, 1005);
});

test("a share is null where nothing was done, and of what was done elsewhere", () => {
    const numbers = new Numbers(status([[0, 0], [3, 1], [3, 1], [3, 5]]));
    assert.deepEqual(values(numbers.share(["hits"], ["hits", "misses"])), [0.75, null, 0]);
});

test("a number that the server does not have is no value", () => {
    const numbers = new Numbers(status([[1], [2]]));
    assert.deepEqual(values(numbers.rate("none")), [null]);
    assert.deepEqual(values(numbers.gauge("none")), [null, null]);
    assert.deepEqual(values(numbers.gauge("hits")), [1, 2]);
});

test("calls and percentiles are of what ended between two rows", () => {
    const numbers = new Numbers(status([[0], [0], [0]], [[5, 0, 0, 0, 0], [5, 0, 10, 0, 0], [0, 0, 0, 0, 0]]));
    assert.deepEqual(values(numbers.calls()), [2, null]);
    const [p50, none] = values(numbers.percentiles(0.5));
    assert.ok(Math.abs(p50 - 0.055) < 1e-12);
    assert.equal(none, null);
});

test("rows beyond five minutes, and the one that is as good as now, are not looked at", () => {
    const old = status(Array.from({length: 100}, (_, i) => [i]));
    assert.equal(new Numbers(old).rows.length, WINDOW_S / 5 + 1);
    const young = status([[0], [1], [2]]);
    young.now_s = 1006;
    assert.deepEqual(new Numbers(young).rows.map(row => row.at_s), [1000, 1006]);
});

test("the latest of a series, and the one at a time", () => {
    const series = [{t: 1, v: 5}, {t: 6, v: null}, {t: 11, v: 7}];
    assert.equal(latest(series), 7);
    assert.equal(latest([]), null);
    assert.deepEqual([0, 3, 5, 100].map(t => valueAt(series, t)), [5, 5, null, 7]);
});

test("a scale's top is round", () => {
    assert.deepEqual([0, 0.3, 1, 1.01, 4.9, 5, 73, 1e6].map(v => roundUp(v)), [1, 0.5, 1, 2, 5, 5, 100, 1e6]);
    assert.deepEqual([0, 3, 700, 1001, 1024, 9.5 * 2 ** 20].map(v => roundUp(v, 1024)),
        [1, 5, 1000, 1024, 1024, 10 * 2 ** 20]);
});

test("what is well is not told of; what is not is, the gravest marked", () => {
    const well = status([[0], [0]]);
    assert.deepEqual(concerns(well, new Numbers(well)), []);
    const bad = status([[0, 0, 0, 0, 1], [0, 0, 0, 0, 2], [0, 0, 0, 2, 3]], undefined, {
        workers: [{state: "lost"}, {state: "busy"}],
        refusals: [{at_s: 1000, status: "503"}, {at_s: 1000, status: "404"}, {at_s: 1000, status: "UNAVAILABLE"},
            {at_s: 600, status: "503"}],
        damage: [{at_s: 999}, {at_s: 100}],
        memory: [{name: "arena", bytes: 10, budget_bytes: 10}, {name: "index", bytes: 10, budget_bytes: 10},
            {name: "replies", bytes: 8, budget_bytes: 10}]});
    assert.deepEqual(told(bad, new Numbers(bad)), [["workersLost", 2], ["jobsWait", 3], ["nearlyFull", "index"],
        ["refusedByServer", 2], ["damageFound", 1]]);
    const worst = status([[0], [0]], undefined, {workers: [{state: "starting"}]});
    assert.deepEqual(concerns(worst, new Numbers(worst)), [{grave: true, key: "noWorkers", values: []}]);
});
