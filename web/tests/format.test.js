import assert from "node:assert/strict";
import test from "node:test";

import * as format from "../format.js";

const START = 1705356000000000; // 2024-01-15T22:00:00Z

test("values have three digits and no needless minus", () => {
    for (const [value, expected] of [[0, "0.000"], [-0.0004, "−4.00e-4".replace("−", "-")], [1.234, "1.23"],
        [-12.34, "−12.3"], [1234.5, "1235"], [NaN, "–"], [3e9, "3.00e+9"]])
        assert.equal(format.formatValue(value), expected);
});

test("spans, bytes and clocks", () => {
    for (const [us, expected] of [[250000, "250 ms"], [2.5e6, "2.5 s"], [720e6, "12 min"], [3661e6, "1 h 1 min"],
        [90000e6, "1 d 1 h"]])
        assert.equal(format.formatSpan(us), expected);
    assert.equal(format.formatBytes(1536), "1.5 KiB");
    assert.equal(format.formatClock(START + 1500000, null, 1), "22:00:01.5");
    assert.equal(format.formatClock(START, -21600), "16:00:00");
    assert.equal(format.formatClock(START + 999999, 0, 1), "22:00:00.9");
    assert.equal(format.formatDate(START, 7200), "2024-01-16");
    assert.equal(format.formatZone(-21600), "UTC−06:00");
    assert.equal(format.formatElapsed(3661.25e6, 2), "+1:01:01.25");
});

test("moments as they are typed", () => {
    for (const [text, offset, expected] of [["+90", 0, 90], ["+1:30", 0, 90], ["22:00:05", 0, 5], ["21:59", 0, 86340],
        ["16:00:05", -21600, 5], ["2024-01-15 22:01", 0, 60], ["2024-01-15T22:00:01.5Z", null, 1.5]])
        assert.equal(format.parseMoment(text, START, offset), START + expected * 1e6, text);
    for (const text of ["", "abc", "25:00", "+x", "12", "2024-01-15 x"])
        assert.equal(format.parseMoment(text, START, 0), null, text);
});

test("the grid is of round steps, not more lines than wanted", () => {
    assert.equal(format.gridStep(10e6, 12), 1e6);
    assert.equal(format.gridStep(3600e6, 12), 300e6);
    assert.equal(format.gridStep(30 * 86400e6, 12), 259200e6);
});

test("beneath lines that are hours or days apart stand dates and days", () => {
    const hour = 3600e6, words = (time, step, offset = null) => format.gridWords(START + time, step, offset, START);
    assert.deepEqual(words(5 * hour, hour), ["03:00:00", "+5:00:00"]);
    assert.deepEqual(words(2 * hour, 6 * hour), ["2024-01-16", "+2 h"]);
    assert.deepEqual(words(8 * hour, 6 * hour), ["06:00", "+8 h"]);
    assert.deepEqual(words(50 * hour, 24 * hour), ["2024-01-18", "+2 d 2 h"]);
    assert.deepEqual(words(0, 24 * hour), ["22:00", "+0 d"]);
    assert.deepEqual(words(0, 24 * hour, 7200), ["2024-01-16", "+0 d"]);
    assert.deepEqual(words(-22 * hour, 24 * hour), ["2024-01-15", "−22 h"]);
});
