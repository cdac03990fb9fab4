// Which channels are shown, each trace's own sensitivity, and the own montage as lines.

import {el, labelled, select} from "./dom.js";
import {parseOwn} from "./montage.js";
import {SENSITIVITIES} from "./state.js";
import {text} from "./texts.js";
import {keep, kept} from "./theme.js";

const KEY = "mef3d.montages";

/* {name: [line]}; what somebody else put there is not believed. */
function keptMontages() {
    try {
        const all = Object.entries(JSON.parse(kept(KEY) ?? "{}"));
        return new Map(all.filter(([, lines]) => Array.isArray(lines) && lines.every(l => typeof l === "string")));
    } catch {
        return new Map();
    }
}

export class ChannelsPane {
    constructor(viewer) {
        this.viewer = viewer;
        this.list = el("ul");
        this.lines = el("textarea", {spellcheck: false, onchange: () => this.useLines()});
        this.unknown = el("p", {className: "error", role: "status"});
        this.name = el("input", {type: "text"});
        this.keptList = select([["", "–"]], "", name => this.use(name));
        const file = el("input", {type: "file", accept: ".txt,text/plain", hidden: true,
            onchange: () => this.loadFile(file)});
        this.root = el("div", {},
            el("div", {className: "row"}, el("button", {onclick: () => this.show(null)}, text("all"))),
            this.list,
            el("p", {}, text("ownLines")), Object.assign(this.lines, {ariaLabel: text("ownLines")}), this.unknown,
            labelled(text("ownName"), this.name),
            el("div", {className: "row"},
                el("button", {onclick: () => this.keepLines()}, text("ownSave")),
                el("button", {onclick: () => this.download()}, text("ownDownload")),
                el("button", {onclick: () => file.click()}, text("ownLoad")), file),
            labelled(text("ownKept"), this.keptList));
        this.listKept();
    }

    update() {
        const {viewer} = this;
        if (!viewer.channels) return;
        const names = [...viewer.channels.keys()];
        const labels = (viewer.page?.traces ?? []).map(trace => trace.label);
        const key = JSON.stringify([names, viewer.state.channels, labels, viewer.state.own]);
        if (key !== this.key) {
            this.key = key;
            const shown = new Set(viewer.shown());
            const focused = document.activeElement?.dataset?.name;
            this.list.replaceChildren(...names.map(name => this.item(name, shown.has(name))),
                ...labels.filter(label => !viewer.channels.has(label)).map(label => this.scaleItem(label)));
            for (const one of this.list.querySelectorAll("[data-name]"))
                if (one.dataset.name === focused) one.focus();
        }
        if (document.activeElement !== this.lines) this.lines.value = viewer.state.pairs.join("\n");
    }

    item(name, isShown) {
        const box = el("input", {type: "checkbox", checked: isShown, dataset: {name}, onchange: () => {
            const shown = new Set(this.viewer.shown());
            if (box.checked) shown.add(name);
            else shown.delete(name);
            this.show(shown);
        }});
        return el("li", {}, el("label", {}, box, el("span", {}, name)), this.scale(name));
    }

    scaleItem(label) {
        return el("li", {}, el("span", {}, label), this.scale(label));
    }

    scale(label) {
        const {own} = this.viewer.state;
        const control = select([["", "–"], ...SENSITIVITIES.map(v => [v, String(v)])],
            Object.hasOwn(own, label) ? own[label] : "", value => {
                const changed = Object.fromEntries(Object.entries(own).filter(([key]) => key !== label));
                this.viewer.change({own: value ? {...changed, [label]: Number(value)} : changed});
            });
        control.ariaLabel = text("ownScaleOf", label);
        return control;
    }

    /* In the recording's order; all of them are none in the address. None at all is all. */
    show(names) {
        const all = [...this.viewer.channels.keys()];
        const kept_ = names === null ? all : all.filter(name => names.has(name));
        this.viewer.change({channels: kept_.length === all.length ? [] : kept_});
    }

    useLines() {
        const pairs = this.lines.value.split("\n").map(line => line.trim()).filter(Boolean);
        const {unknown} = parseOwn(pairs, [...this.viewer.channels.keys()]);
        this.unknown.textContent = unknown.length ? text("ownUnknown", unknown.join(", ")) : "";
        this.viewer.change({montage: "own", pairs});
    }

    listKept() {
        this.keptList.replaceChildren(el("option", {value: ""}, "–"),
            ...[...keptMontages().keys()].map(name => el("option", {value: name}, name)));
    }

    use(name) {
        const lines = keptMontages().get(name);
        if (!lines) return;
        this.lines.value = lines.join("\n");
        this.name.value = name;
        this.useLines();
    }

    keepLines() {
        const name = this.name.value.trim() || "1";
        const all = keptMontages().set(name, this.lines.value.split("\n"));
        keep(KEY, JSON.stringify(Object.fromEntries(all)));
        this.useLines();
        this.listKept();
        this.keptList.value = name;
    }

    download() {
        const url = URL.createObjectURL(new Blob([this.lines.value + "\n"], {type: "text/plain"}));
        el("a", {href: url, download: `${this.name.value.trim() || "montage"}.txt`}).click();
        URL.revokeObjectURL(url);
    }

    async loadFile(file) {
        const [chosen] = file.files;
        if (!chosen) return;
        this.lines.value = await chosen.text();
        this.name.value = chosen.name.replace(/\.txt$/, "");
        file.value = "";
        this.useLines();
    }
}
