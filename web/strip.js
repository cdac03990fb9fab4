// The overview beneath the page: the whole recording, the window and the events on it.

import {text} from "./texts.js";
import {paintOverview} from "./overview.js";
import {get} from "./api.js";

export class Strip {
    constructor(viewer, canvas) {
        Object.assign(this, {viewer, canvas});
        this.envelope = null;
        canvas.ariaLabel = text("overview");
        viewer.addEventListener("availability", () => this.load());
        const go = event => {
            if (event.buttons !== 1 || !viewer.page) return;
            const share = event.offsetX / canvas.clientWidth;
            const time = viewer.start + share * (viewer.end - viewer.start);
            viewer.change({from: time - viewer.state.length * 1e6 / 2});
        };
        canvas.addEventListener("pointerdown", go);
        canvas.addEventListener("pointermove", go);
    }

    /* Of the first shown channel: one is enough to see where the seizure is, and little to ask. */
    async load() {
        const {viewer} = this;
        try {
            const window = viewer.query(viewer.shown().slice(0, 1), viewer.start, viewer.end);
            this.envelope = await get("envelope", [...window,
                ["width", Math.max(100, Math.round(this.canvas.clientWidth))]], "buffer");
        } catch {
            this.envelope = null; // the strip shows data and gaps alone
        }
        this.paint();
    }

    paint() {
        const {viewer} = this;
        if (!viewer.store) return;
        const {groups} = viewer.availability;
        const {context, x, width, height, colours} = paintOverview(this.canvas,
            {start: viewer.start, end: viewer.end, availability: groups ? {groups} : null, envelope: this.envelope});
        context.fillStyle = colours.event;
        for (const record of viewer.records) context.fillRect(x(record.time_uutc), 0, 1.5, height);
        const left = x(viewer.state.from), right = Math.min(width, x(viewer.to));
        context.fillStyle = colours.mark;
        context.fillRect(left, 0, Math.max(2, right - left), height);
        context.strokeStyle = colours.ink;
        context.lineWidth = 1.5;
        context.strokeRect(left, 1, Math.max(2, right - left), height - 2);
    }
}
