// The controls above the page. Each shows the state and changes it; none keeps one of its own.

import {millimetre, openCalibration} from "./calibrate.js";
import {el, labelled, select} from "./dom.js";
import {HIGH_PASS, LOW_PASS, NOTCH} from "./filters.js";
import {formatSpan, formatValue, parseMoment, SECOND} from "./format.js";
import {openHelp} from "./keys.js";
import {MONTAGES} from "./montage.js";
import {SPEEDS} from "./play.js";
import {FORMATS, save} from "./save.js";
import {LENGTHS, SENSITIVITIES} from "./state.js";
import {text} from "./texts.js";
import {themeControl} from "./theme.js";

const FIT_SHARE = 0.98;

/* A state that no option stands for (a link typed by hand) gets one. */
function show(control, value, words) {
    if (![...control.options].some(option => option.value === String(value)))
        control.append(el("option", {value}, words(value)));
    control.value = String(value);
}

export class Toolbar {
    constructor(viewer, root, {player, panel, repaint, geometry}) {
        Object.assign(this, {viewer, player, panel, repaint, geometry});
        const name = viewer.state.recording;
        this.controls = this.makeControls();
        root.replaceChildren(
            el("h1", {title: name}, el("a", {href: "/"}, text("recordings")), ` / ${name.split("/").at(-1)}`),
            this.moving(), ...this.looks(), ...this.buttons());
        viewer.addEventListener("state", () => this.update());
        player.addEventListener("change", () => this.update());
        viewer.addEventListener("records", () => this.update());
    }

    change(changes) {
        this.viewer.change(changes);
    }

    makeControls() {
        const filter = (key, table) => select([[0, text("off")], ...table.map(hz => [hz, text("hz", hz)])],
            this.viewer.state[key], value => {
                this.viewer.areFiltersOn = true;
                this.change({[key]: Number(value)});
            });
        return {
            length: select([...LENGTHS.map(s => [s, formatSpan(s * SECOND)]), ["whole", text("lengthWhole")]], 10,
                value => (value === "whole" ? this.whole() : this.change({length: Number(value)}))),
            sensitivity: select(SENSITIVITIES.map(v => [v, text("perMm", v, "µV")]), 10,
                value => this.rescale(Number(value))),
            montage: select(MONTAGES.map(m => [m, text(`montage_${m}`)]), "recorded", value => this.setMontage(value)),
            reference: select([], "", value => this.change({reference: value})),
            highpass: filter("highpass", HIGH_PASS),
            lowpass: filter("lowpass", LOW_PASS),
            notch: filter("notch", NOTCH),
            up: el("input", {type: "checkbox", onchange: event => {
                this.change({negativeUp: event.target.checked});
            }}),
            speed: select(SPEEDS.map(s => [s, `${s}×`]), 1, value => (this.player.speed = Number(value))),
            goto: el("input", {type: "text", id: "goto", placeholder: text("goToHint"), title: text("goToHint"),
                autocomplete: "off", onkeydown: event => {
                    if (event.key === "Enter") this.go(event.target.value);
                }}),
        };
    }

    moving() {
        const button = (sign, words, onclick) => el("button", {onclick, title: words, ariaLabel: words}, sign);
        this.playButton = button("▶▶", text("play"), () => this.player.toggle());
        return el("div", {className: "group"},
            button("|◀", text("first"), () => this.change({from: this.viewer.start})),
            button("◀", text("pageBack"), () => this.page(-1)),
            button("▶", text("pageForward"), () => this.page(1)),
            button("▶|", text("last"), () => this.change({from: this.viewer.end})),
            this.playButton, Object.assign(this.controls.speed, {ariaLabel: text("speed")}));
    }

    looks() {
        const c = this.controls;
        const control = (key, child) => labelled(text(key), child);
        this.referenceControl = control("reference", c.reference);
        return [control("goTo", c.goto), control("length", c.length), control("sensitivity", c.sensitivity),
            el("button", {title: text("fitHint"), onclick: () => this.fit()}, text("fit")),
            control("montage", c.montage), this.referenceControl, control("highpass", c.highpass),
            control("lowpass", c.lowpass), control("notch", c.notch), control("negativeUp", c.up)];
    }

    buttons() {
        const panes = ["channels", "events", "spectrum"].map(pane => {
            const button = el("button", {onclick: () => this.panel.toggle(pane), ariaExpanded: "false"}, text(pane));
            this.panel.addEventListener("change", () => (button.ariaExpanded = String(this.panel.pane === pane)));
            return button;
        });
        const saving = select([["", text("save")], ...FORMATS.map(format => [format, text(`save_${format}`)])], "",
            format => {
                saving.value = "";
                save(this.viewer, format, this.geometry());
            });
        saving.ariaLabel = text("save");
        saving.className = "narrow";
        return [el("div", {className: "group"}, ...panes), saving,
            el("button", {onclick: () => openCalibration(this.repaint)}, text("calibrate")),
            themeControl(() => this.repaint(), true), el("a", {href: "/status"}, text("status")),
            el("button", {onclick: () => openHelp(), title: `${text("help")} (?)`, ariaLabel: text("help")}, "?")];
    }

    update() {
        const {state} = this.viewer, c = this.controls;
        show(c.length, state.length, s => formatSpan(s * SECOND));
        show(c.sensitivity, state.sensitivity, v => text("perMm", formatValue(v), "µV"));
        c.montage.value = state.montage;
        for (const key of ["highpass", "lowpass", "notch"])
            c[key].value = String(this.viewer.areFiltersOn ? state[key] : 0);
        c.up.checked = state.negativeUp;
        this.referenceControl.hidden = state.montage !== "reference";
        if (this.viewer.channels && c.reference.options.length !== this.viewer.channels.size + 1)
            c.reference.replaceChildren(el("option", {value: ""}, text("noReference")),
                ...[...this.viewer.channels.keys()].map(name => el("option", {value: name}, name)));
        c.reference.value = state.reference;
        this.playButton.textContent = this.player.isPlaying ? "■" : "▶▶";
        this.playButton.ariaPressed = String(this.player.isPlaying);
    }

    page(by) {
        this.change({from: this.viewer.state.from + by * this.viewer.state.length * SECOND});
    }

    setMontage(montage) {
        const changes = {montage};
        if (montage === "reference" && !this.viewer.state.reference) changes.reference = this.usualReference();
        this.change(changes);
        if (montage === "own" && this.viewer.state.pairs.length === 0) this.panel.open("channels");
    }

    usualReference() {
        const names = [...this.viewer.channels.keys()];
        return names.find(name => /^(eeg )?cz/i.test(name)) ?? names[0];
    }

    rescale(sensitivity) {
        this.viewer.state.own = {};
        this.change({sensitivity});
    }

    /** All of it, and back to where it was. */
    whole() {
        const {state, start, end} = this.viewer;
        if (this.before) {
            this.change(this.before);
            this.before = null;
            return;
        }
        this.before = {from: state.from, length: state.length};
        this.change({from: start, length: Math.max(1, Math.ceil((end - start) / SECOND))});
    }

    go(words) {
        const time = parseMoment(words, this.viewer.start, this.viewer.offset);
        this.controls.goto.setCustomValidity(time === null ? text("notAMoment", words, text("goToHint")) : "");
        this.controls.goto.reportValidity();
        if (time === null) return;
        this.controls.goto.value = "";
        this.controls.goto.blur();
        this.change({from: time});
    }

    /** On opening, where the address has no sensitivity: the usual one, or what suits where it is far off. */
    suit() {
        const wanted = this.fitting(), usual = this.viewer.state.sensitivity;
        if (wanted && (wanted > 2 * usual || wanted < usual / 20)) this.rescale(wanted);
    }

    fit() {
        const wanted = this.fitting();
        if (wanted) this.rescale(wanted);
    }

    /** The sensitivity that lets the page's traces fill their lanes, by all but the rarest values. */
    fitting() {
        const {page} = this.viewer;
        const sizes = [];
        for (const trace of page?.traces ?? []) {
            if (trace.rows) for (const row of trace.rows) sizes.push(Math.max(Math.abs(row.min), Math.abs(row.max)));
            else for (let i = 0; i < trace.values.length; i += 4) sizes.push(Math.abs(trace.values[i]));
        }
        const sorted = Float64Array.from(sizes.filter(Number.isFinite)).sort();
        if (sorted.length === 0) return null;
        const most = sorted[Math.floor((sorted.length - 1) * FIT_SHARE)];
        const wanted = most / (0.7 * this.geometry().lane) * millimetre();
        return most > 0 ? SENSITIVITIES.find(v => v >= wanted) ?? SENSITIVITIES.at(-1) : null;
    }
}
