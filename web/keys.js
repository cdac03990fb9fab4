// The keyboard: one table says what each key does, and the help is made of it.

import {byId, el} from "./dom.js";
import {SECOND} from "./format.js";
import {MONTAGES} from "./montage.js";
import {SENSITIVITIES, step} from "./state.js";
import {text} from "./texts.js";
import {zoomBy} from "./zoom.js";

/* [key of the help's text, keys as shown, {key: what is done with (parts, viewer)}] */
const TABLE = [
    ["key_page", "← →", {
        "ArrowLeft": p => p.toolbar.page(-1), "ArrowRight": p => p.toolbar.page(1),
        "PageUp": p => p.toolbar.page(-1), "PageDown": p => p.toolbar.page(1)}],
    ["key_second", "⇧← ⇧→", {
        "Shift+ArrowLeft": (p, v) => v.change({from: v.state.from - SECOND}),
        "Shift+ArrowRight": (p, v) => v.change({from: v.state.from + SECOND})}],
    ["key_ends", "Home End", {
        "Home": (p, v) => v.change({from: v.start}), "End": (p, v) => v.change({from: v.end})}],
    ["key_scale", "↑ ↓", {
        "ArrowUp": (p, v) => scale(v, -1), "ArrowDown": (p, v) => scale(v, 1)}],
    ["key_length", "[ ]", {
        "[": (p, v) => zoomBy(v, -1), "]": (p, v) => zoomBy(v, 1)}],
    ["key_wheel", "wheel ⇧wheel", {}],
    ["key_whole", "w", {"w": p => p.toolbar.whole()}],
    ["key_zoom", "z", {"z": (p, v) => zoom(v)}],
    ["key_play", "space", {" ": p => p.player.toggle()}],
    ["key_go", "g", {"g": p => p.toolbar.controls.goto.focus()}],
    ["key_montage", "v", {
        "v": (p, v) => p.toolbar.setMontage(MONTAGES[(MONTAGES.indexOf(v.state.montage) + 1) % MONTAGES.length])}],
    ["key_filters", "f", {"f": (p, v) => {
        v.areFiltersOn = !v.areFiltersOn;
        v.change({});
    }}],
    ["key_up", "u", {"u": (p, v) => v.change({negativeUp: !v.state.negativeUp})}],
    ["key_fit", "a", {"a": p => p.toolbar.fit()}],
    ["key_cursor", ", . < >", {
        ",": p => p.measure.step(-1), ".": p => p.measure.step(1),
        "<": p => p.measure.step(-10), ">": p => p.measure.step(10)}],
    ["key_channel", "k j", {"k": (p, v) => choose(v, -1), "j": (p, v) => choose(v, 1)}],
    ["key_mark", "m", {"m": p => p.measure.mark()}],
    ["key_clear", "Esc", {"Escape": p => p.measure.clear()}],
    ["key_event", "p n", {"p": (p, v) => event(v, -1), "n": (p, v) => event(v, 1)}],
    ["key_spectrum", "s", {"s": p => p.panel.toggle("spectrum")}],
    ["key_help", "?", {"?": () => openHelp()}],
];

const ACTIONS = new Map(TABLE.flatMap(([, , actions]) => Object.entries(actions)));
/* Keys that a control under the focus needs for itself. */
const OF_BUTTONS = new Set([" ", "Enter"]);

function scale(viewer, by) {
    viewer.change({sensitivity: step(SENSITIVITIES, viewer.state.sensitivity, by)});
}

function choose(viewer, by) {
    const n = viewer.page?.traces.length ?? 0;
    if (n === 0) return;
    viewer.selected = (viewer.selected + by + n) % n;
    viewer.tell("page");
}

function zoom(viewer) {
    if (viewer.marks.length !== 2) return;
    const [from, to] = [...viewer.marks].sort((a, b) => a - b);
    viewer.setMarks([]);
    viewer.change({from, length: Math.max(0.05, Number(((to - from) / SECOND).toPrecision(4)))});
}

/* The nearest event before or behind the middle of the page, which it then is in. */
function event(viewer, by) {
    const middle = Math.round(viewer.state.from + viewer.state.length * SECOND / 2);
    const found = by > 0 ? viewer.records.find(r => r.time_uutc > middle + 1)
        : viewer.records.findLast(r => r.time_uutc < middle - 1);
    if (found) goToEvent(viewer, found);
}

export function goToEvent(viewer, record) {
    viewer.change({from: record.time_uutc - viewer.state.length * SECOND / 2});
}

export function openHelp() {
    const rows = TABLE.flatMap(([key, keys]) => [
        el("dt", {}, ...keys.split(" ").map(one => el("kbd", {}, one))), el("dd", {}, text(key))]);
    const dialog = el("dialog", {id: "help", ariaLabel: text("keys"), onclose: () => dialog.remove()},
        el("h2", {}, text("keys")), el("dl", {}, ...rows),
        el("button", {onclick: () => dialog.close()}, text("close")));
    byId("dialogs").append(dialog);
    dialog.showModal();
}

export function bindKeys(viewer, parts) {
    document.addEventListener("keydown", press => {
        const {target} = press;
        if (press.ctrlKey || press.altKey || press.metaKey || document.querySelector("dialog[open]")) return;
        if (target.closest("input:not([type=checkbox]), textarea, select")) {
            if (press.key === "Escape") target.blur();
            return;
        }
        if (OF_BUTTONS.has(press.key) && target.closest("button, a, input")) return;
        const shifted = press.shiftKey && press.key.startsWith("Arrow") ? `Shift+${press.key}` : press.key;
        const action = ACTIONS.get(shifted);
        if (!action || !viewer.store) return;
        press.preventDefault();
        action(parts, viewer);
    });
}
