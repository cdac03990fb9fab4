import assert from "node:assert/strict";
import test from "node:test";

import {zoomBy, zoomed} from "../zoom.js";

const DAY = 86400;

test("a time stays where it is on the page", () => {
    assert.deepEqual(zoomed({from: 0, length: 10}, -1, 4e6, 100), {from: 2e6, length: 5});
    assert.deepEqual(zoomed({from: 2e6, length: 5}, 1, 4e6, 100), {from: 0, length: 10});
    assert.deepEqual(zoomed({from: 7e6, length: 10}, 1, 7e6, 100), {from: 7e6, length: 15});
});

test("no shorter than the shortest, no longer than the recording, and what is longer already stays", () => {
    assert.equal(zoomed({from: 0, length: 1}, -1, 0, 100).length, 1);
    assert.equal(zoomed({from: 0, length: 0.5}, -1, 0, 100).length, 0.5);
    assert.equal(zoomed({from: 0, length: 60}, 1, 0, 100).length, 100);
    assert.equal(zoomed({from: 0, length: 300}, 1, 0, 100).length, 300);
});

test("from a month to ten seconds in steps, and back", () => {
    const viewer = {state: {from: 0, length: 30 * DAY}, start: 0, end: 30 * DAY * 1e6, cursor: 1e12,
        get to() {
            return this.state.from + this.state.length * 1e6;
        },
        change(changes) {
            Object.assign(this.state, changes);
        }};
    let steps = 0;
    for (; viewer.state.length > 10; steps++) zoomBy(viewer, -1);
    assert.equal(viewer.state.length, 10);
    assert.ok(steps < 20);
    assert.ok(viewer.state.from <= 1e12 && viewer.to >= 1e12);
    for (let i = 0; i < steps; i++) zoomBy(viewer, 1);
    assert.equal(viewer.state.length, 30 * DAY);
    assert.ok(Math.abs(viewer.state.from) < 1e3);
});
