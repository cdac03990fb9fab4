// Painting of traces. Knows pixels and colours, and nothing of where samples come from.

import {gridStep, gridWords, SECOND} from "./format.js";

export const AXIS_HEIGHT = 34;

/* Between two chains of a montage, in lanes. */
const CHAIN_GAP = 0.5;

/** Where things are: x of a time, the lane of a trace. Chains of a montage stand apart. */
export class Geometry {
    constructor(width, height, from, to, traces) {
        Object.assign(this, {width, height, from, to, bottom: height - AXIS_HEIGHT});
        let at = 0;
        this.tops = traces.map((trace, i) => {
            if (i > 0 && trace.chain !== traces[i - 1].chain) at += CHAIN_GAP;
            return at++;
        });
        this.lane = this.bottom / Math.max(at, 1);
    }

    top(i) {
        return this.tops[i] * this.lane;
    }

    x(time) {
        return (time - this.from) / (this.to - this.from) * this.width;
    }

    time(x) {
        return this.from + x / this.width * (this.to - this.from);
    }

    middle(i) {
        return (this.tops[i] + 0.5) * this.lane;
    }

    laneAt(y) {
        return Math.max(0, this.tops.findLastIndex(top => top * this.lane <= y));
    }
}

/** Lines in time, with the clock and the time from the start beneath. */
export function paintGrid(context, geometry, colours, {offset, start}) {
    const {from, to, bottom, width} = geometry;
    const step = gridStep(to - from, width / 85);
    const second = to - from <= 61 * SECOND ? SECOND : step;
    /* Lines are on the clock where it was recorded: days begin there at midnight. */
    const shift = (offset ?? 0) * SECOND;
    const lines = every => {
        const at = [];
        for (let t = Math.ceil((from + shift) / every) * every - shift; t < to; t += every) at.push(t);
        return at;
    };
    context.lineWidth = 1;
    for (const [every, colour] of [[Math.min(second, step), colours.faint], [step, colours.line]]) {
        context.strokeStyle = colour;
        context.beginPath();
        for (const t of lines(every)) {
            const x = Math.round(geometry.x(t)) + 0.5;
            context.moveTo(x, 0);
            context.lineTo(x, bottom);
        }
        context.stroke();
    }
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "top";
    const digits = step < SECOND ? (step < 0.01 * SECOND ? 3 : 2) : 0;
    for (const t of lines(step)) {
        const x = geometry.x(t) + 3;
        if (x > width - 60) break;
        const [clock, elapsed] = gridWords(Math.round(t), step, offset, start, digits);
        context.fillStyle = colours.ink;
        context.fillText(clock, x, bottom + 3);
        context.fillStyle = colours.strong;
        context.fillText(elapsed, x, bottom + 18);
    }
}

function hatch(context, x, y, width, height, colour) {
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let at = x - height - ((x - height) % 8); at < x + width; at += 8) {
        context.moveTo(at, y + height);
        context.lineTo(at + height, y);
    }
    context.stroke();
    context.restore();
}

/** A hole is shaded; one of damage is hatched besides. */
export function paintHoles(context, geometry, colours, i, holes) {
    const top = geometry.top(i);
    for (const hole of holes) {
        const x = Math.max(0, geometry.x(hole.start));
        const width = Math.max(1, Math.min(geometry.width, geometry.x(hole.end)) - x);
        context.fillStyle = colours.gap;
        context.fillRect(x, top, width, geometry.lane);
        if (hole.damage) hatch(context, x, top, width, geometry.lane, colours.damage);
    }
}

/* More samples than pixels: of each column the least and the greatest, so that no spike is lost. */
function columnsPath(context, trace, geometry, y) {
    const {values, start, rate} = trace;
    const perSample = SECOND / rate;
    let column = -1, low = 0, high = 0, isDrawn = false;
    const flush = () => {
        if (column < 0) return;
        const top = y(high), bottom = y(low);
        if (isDrawn) context.lineTo(column + 0.5, top);
        else context.moveTo(column + 0.5, top);
        context.lineTo(column + 0.5, Math.abs(bottom - top) < 1 ? top + 1 : bottom);
        isDrawn = true;
        column = -1;
    };
    for (let i = 0; i < values.length; i++) {
        const value = values[i];
        if (Number.isNaN(value)) {
            flush();
            isDrawn = false;
            continue;
        }
        const x = Math.floor(geometry.x(start + i * perSample));
        if (x !== column) {
            flush();
            column = x;
            low = high = value;
        } else if (value < low) low = value;
        else if (value > high) high = value;
    }
    flush();
}

function linePath(context, trace, geometry, y) {
    const {values, start, rate} = trace;
    const x0 = geometry.x(start), dx = geometry.x(start + SECOND / rate) - x0;
    let isDrawn = false;
    for (let i = 0; i < values.length; i++) {
        const value = values[i];
        if (Number.isNaN(value)) {
            isDrawn = false;
            continue;
        }
        const x = x0 + i * dx;
        if (isDrawn) context.lineTo(x, y(value));
        else {
            context.moveTo(x, y(value));
            /* A sample alone between gaps is a dot, not nothing. */
            if (i + 1 >= values.length || Number.isNaN(values[i + 1])) context.lineTo(x + 1, y(value));
        }
        isDrawn = true;
    }
}

/** `pixels` per unit, downwards where positive (negative up) or upwards where negative. */
export function paintTrace(context, geometry, i, trace, {colour, pixels, width = 1}) {
    const middle = geometry.middle(i);
    const reach = 4 * geometry.height; // canvases do not like figures beyond reason
    const y = value => middle + Math.max(-reach, Math.min(reach, value * pixels));
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineJoin = "bevel";
    context.beginPath();
    if (trace.values.length > 1.5 * geometry.width) columnsPath(context, trace, geometry, y);
    else linePath(context, trace, geometry, y);
    context.stroke();
}

/** Rows of the envelope: a bar from the least to the greatest of each stretch. */
export function paintRows(context, geometry, i, rows, {colour, damage, pixels}) {
    const middle = geometry.middle(i), top = geometry.top(i);
    for (const row of rows) {
        /* Whole pixels: neighbours leave no seam between them. */
        const x = Math.round(Math.max(0, geometry.x(row.start)));
        const width = Math.max(1, Math.round(Math.min(geometry.width, geometry.x(row.end))) - x);
        if (row.kind === 2) {
            hatch(context, x, top, width, geometry.lane, damage);
            continue;
        }
        if (Number.isNaN(row.min)) continue;
        const a = middle + row.min * pixels, b = middle + row.max * pixels;
        context.fillStyle = colour;
        context.fillRect(x, Math.max(-9999, Math.min(a, b)), width, Math.max(1, Math.min(19999, Math.abs(b - a))));
    }
}

/** A bar of so many µV and of a second, so that a picture of the page has its scale. */
export function paintScale(context, geometry, colours, words, pixels) {
    const x = geometry.width - 14, size = Math.min(Math.abs(pixels), geometry.bottom / 2);
    const y = geometry.bottom - 10;
    context.strokeStyle = colours.ink;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x, y - size);
    context.stroke();
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "bottom";
    context.textAlign = "right";
    const wide = context.measureText(words).width;
    context.fillStyle = colours.paper;
    context.fillRect(x - 8 - wide, y - 15, wide + 4, 16);
    context.fillStyle = colours.ink;
    context.fillText(words, x - 6, y);
    context.textAlign = "left";
}

/** Events: a line through the page and its words at the top, as many as find room. */
export function paintEvents(context, geometry, colours, events) {
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "top";
    const ends = [-Infinity, -Infinity, -Infinity];
    for (const event of events) {
        const x = geometry.x(event.time_uutc);
        const stop = event.duration_us ? geometry.x(event.time_uutc + event.duration_us) : x;
        if (stop < 0 || x > geometry.width) continue;
        context.fillStyle = colours.event;
        if (stop > x) {
            context.globalAlpha = 0.13;
            context.fillRect(x, 0, stop - x, geometry.bottom);
            context.globalAlpha = 1;
        }
        context.fillRect(Math.round(x), 0, 1.5, geometry.bottom);
        const words = `${event.type} ${event.text ?? ""}`.slice(0, 40);
        const row = ends.findIndex(end => end < x);
        if (row < 0) continue;
        const wide = context.measureText(words).width;
        context.fillStyle = colours.paper;
        context.fillRect(x + 2, row * 14, wide + 6, 14);
        context.fillStyle = colours.event;
        context.fillText(words, x + 5, row * 14 + 2);
        ends[row] = x + wide + 12;
    }
}
