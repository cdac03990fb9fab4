// The cursor, and the two marks of a measurement. On a canvas of its own, so that a moving mouse
// does not paint the traces anew.

import {colours, sharpen} from "./dom.js";
import {formatClock, formatDate, formatElapsed, formatSpan, formatValue, SECOND} from "./format.js";
import {text} from "./texts.js";

const DRAG_PIXELS = 4;
const DAY = 86400 * SECOND;

export class Measure {
    constructor(viewer, parts) {
        Object.assign(this, parts);
        this.viewer = viewer;
        const {overlay} = this;
        overlay.addEventListener("pointermove", event => this.move(event));
        overlay.addEventListener("pointerdown", event => this.down(event));
        overlay.addEventListener("pointerup", event => this.up(event));
        overlay.addEventListener("pointerleave", () => (this.hint.hidden = true));
        viewer.addEventListener("cursor", () => this.paint());
    }

    down(event) {
        const geometry = this.geometry();
        if (!geometry || event.button !== 0) return;
        this.overlay.setPointerCapture(event.pointerId);
        this.drag = {x: event.offsetX, time: geometry.time(event.offsetX), isMoved: false};
        this.viewer.selected = geometry.laneAt(event.offsetY);
        this.viewer.tell("page");
    }

    move(event) {
        const geometry = this.geometry();
        if (!geometry) return;
        const time = geometry.time(Math.max(0, Math.min(event.offsetX, geometry.width)));
        if (this.drag && Math.abs(event.offsetX - this.drag.x) >= DRAG_PIXELS) this.drag.isMoved = true;
        if (this.drag?.isMoved) this.viewer.marks = [this.drag.time, time];
        this.viewer.setCursor(time);
        this.tellHole(geometry, event, time);
    }

    up() {
        if (this.drag && !this.drag.isMoved) this.viewer.setMarks([]);
        this.drag = null;
        this.viewer.tell("marked");
    }

    /* A hole says what it is. */
    tellHole(geometry, event, time) {
        const trace = this.viewer.page?.traces[geometry.laneAt(event.offsetY)];
        const hole = event.offsetY < geometry.bottom &&
            trace?.holes.find(one => one.start <= time && time < one.end);
        this.hint.hidden = !hole;
        this.told = hole;
        if (!hole) return;
        const say = () => {
            this.hint.textContent = hole.damage ? text("damageTold", hole.damage) : text("gap");
        };
        say();
        if (hole.damage) this.viewer.explain(trace, hole).then(() => this.told === hole && say());
        const isRight = event.offsetX > geometry.width / 2;
        this.hint.style.left = isRight ? "" : `${event.offsetX + 12}px`;
        this.hint.style.right = isRight ? `${geometry.width - event.offsetX + 12}px` : "";
        this.hint.style.top = `${Math.max(0, event.offsetY - 26)}px`;
    }

    /** By keyboard: the cursor so many pixels on; without one, from the middle. */
    step(pixels) {
        const geometry = this.geometry();
        if (!geometry) return;
        const now = this.viewer.cursor ?? geometry.time(geometry.width / 2);
        const next = now + pixels * (geometry.to - geometry.from) / geometry.width;
        this.viewer.setCursor(Math.min(Math.max(next, geometry.from), geometry.to));
    }

    mark() {
        if (this.viewer.cursor === null) this.step(0);
        const {marks, cursor} = this.viewer;
        this.viewer.setMarks(marks.length === 1 ? [marks[0], cursor] : [cursor]);
        this.viewer.tell("marked");
    }

    clear() {
        this.viewer.cursor = null;
        this.viewer.setMarks([]);
        this.viewer.tell("marked");
    }

    paint() {
        const geometry = this.geometry();
        const {context, height} = sharpen(this.overlay);
        if (!geometry) return;
        const c = colours(), {marks, cursor} = this.viewer;
        const line = (time, colour) => {
            context.fillStyle = colour;
            context.fillRect(Math.round(geometry.x(time)), 0, 1, height);
        };
        if (marks.length === 2) {
            const [a, b] = marks.map(time => geometry.x(time));
            context.fillStyle = c.mark;
            context.fillRect(Math.min(a, b), 0, Math.abs(b - a), geometry.bottom);
        }
        marks.forEach(time => line(time, c.accent));
        if (cursor !== null) line(cursor, c.strong);
        this.say();
    }

    /* On a page of days a clock alone says little. */
    moment(time) {
        const {offset, page} = this.viewer;
        const clock = formatClock(time, offset, 3);
        return page && page.to - page.from >= DAY ? `${formatDate(time, offset)} ${clock}` : clock;
    }

    say() {
        const {viewer} = this, {marks, cursor, page} = viewer;
        const trace = page?.traces[viewer.selected];
        if (marks.length === 2 && trace?.values) this.said.textContent = measured(viewer, trace, marks);
        else if (marks.length === 1) this.said.textContent = text("markFirst");
        else this.said.textContent = cursor === null ? "" : text("cursorAt", this.moment(Math.round(cursor)),
            formatElapsed(Math.round(cursor) - viewer.start, 3));
    }
}

/** The values of a trace between two times. */
export function stretch(trace, marks) {
    const at = time => Math.round((time - trace.start) / SECOND * trace.rate);
    return trace.values.subarray(Math.max(0, at(Math.min(...marks))), Math.max(0, at(Math.max(...marks)) + 1));
}

function measured(viewer, trace, marks) {
    const us = Math.abs(marks[1] - marks[0]);
    let least = Infinity, most = -Infinity;
    for (const value of stretch(trace, marks)) {
        if (value < least) least = value;
        if (value > most) most = value;
    }
    const difference = viewer.valueAt(trace, marks[1]) - viewer.valueAt(trace, marks[0]);
    return text("measured", trace.label, formatSpan(us), formatValue(SECOND / us), formatValue(difference),
        formatValue(most - least), trace.unit);
}
