// The names at the left of the traces, with each trace's value at the cursor. They are buttons:
// to choose a trace, and to go through them by keyboard.

import {formatValue} from "./format.js";
import {el} from "./dom.js";
import {side} from "./montage.js";
import {text} from "./texts.js";

const SIDES = {"-1": "left", 0: "", 1: "right"};

export class Labels {
    constructor(viewer, root) {
        this.viewer = viewer;
        this.root = root;
        this.items = [];
        viewer.addEventListener("cursor", () => this.values());
    }

    fill(geometry) {
        const traces = this.viewer.page?.traces ?? [];
        const key = traces.map(trace => trace.label).join("\0");
        if (key !== this.key) {
            this.key = key;
            this.items = traces.map((trace, i) => {
                const label = el("span", {className: `label ${SIDES[side(trace.plus)]}`}, trace.label);
                const value = el("span", {className: "value"});
                const button = el("button", {title: trace.label, onclick: () => this.choose(i)}, label, value);
                return {button, label, value};
            });
            this.unit = el("div", {className: "unit"});
            this.root.replaceChildren(...this.items.map(item => item.button), this.unit);
        }
        this.place(geometry);
        this.values();
    }

    choose(i) {
        this.viewer.selected = i;
        this.viewer.tell("cursor");
        this.viewer.tell("page");
    }

    place(geometry) {
        if (!geometry) return;
        const size = Math.max(7, Math.min(13, geometry.lane * 0.92));
        /* Where lanes are lower than letters, each second (third, …) name is shown. */
        const every = Math.ceil(7.5 / geometry.lane);
        this.items.forEach(({button, label}, i) => {
            const trace = this.viewer.page?.traces[i];
            button.hidden = i % every !== 0;
            button.style.top = `${geometry.top(i)}px`;
            button.style.height = `${geometry.lane * every}px`;
            button.style.fontSize = `${size}px`;
            button.ariaCurrent = String(i === this.viewer.selected);
            label.classList.toggle("own", Boolean(trace) && Object.hasOwn(this.viewer.state.own, trace.label));
        });
        const unit = this.viewer.page?.traces[0]?.unit ?? "";
        if (this.unit) this.unit.textContent = text("perMm", this.viewer.state.sensitivity, unit);
    }

    values() {
        const {page, cursor} = this.viewer;
        if (!page) return;
        this.items.forEach(({value}, i) => {
            const trace = page.traces[i];
            if (cursor === null || !trace) {
                value.textContent = "";
                return;
            }
            const at = this.viewer.valueAt(trace, cursor);
            value.textContent = Number.isFinite(at?.min) ? `${formatValue(at.min)}…${formatValue(at.max)}`
                : formatValue(at);
        });
    }
}
