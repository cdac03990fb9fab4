// The records of a recording as a list: filtered by type and words; a click goes there.

import {el, labelled, select} from "./dom.js";
import {formatClock, formatDate} from "./format.js";
import {goToEvent} from "./keys.js";
import {text} from "./texts.js";

/* More rows than anybody reads make a page slow: the search finds the others. */
const MOST_ROWS = 500;

export class EventsPane {
    constructor(viewer) {
        this.viewer = viewer;
        this.type = select([["", text("anyType")]], "", () => this.list());
        this.words = el("input", {type: "search", oninput: () => this.list()});
        this.count = el("p", {role: "status"});
        this.items = el("ul");
        this.root = el("div", {}, labelled(text("eventType"), this.type),
            labelled(text("search"), Object.assign(this.words, {ariaLabel: text("eventSearch")})),
            this.count, this.items);
    }

    update() {
        if (this.records === this.viewer.records) return;
        this.records = this.viewer.records;
        const types = [...new Set(this.records.map(record => record.type))].sort();
        this.type.replaceChildren(el("option", {value: ""}, text("anyType")),
            ...types.map(type => el("option", {value: type}, type)));
        this.list();
    }

    list() {
        const {viewer} = this, words = this.words.value.trim().toLowerCase();
        const found = this.records.filter(record => (!this.type.value || record.type === this.type.value) &&
            (!words || `${record.type} ${record.text ?? ""} ${record.channel ?? ""}`.toLowerCase().includes(words)));
        this.count.textContent = viewer.recordsError ? text("eventsMissing", viewer.recordsError)
            : text("nEvents", found.length, this.records.length) +
                (viewer.areRecordsTruncated || found.length > MOST_ROWS ? ` ${text("eventsTruncated")}` : "");
        this.items.replaceChildren(...found.slice(0, MOST_ROWS).map(record => el("li", {}, el("button",
            {onclick: () => goToEvent(viewer, record), title: formatDate(record.time_uutc, viewer.offset)},
            el("span", {className: "time"}, formatClock(record.time_uutc, viewer.offset, 1)),
            `${record.type} ${record.text ?? ""} ${record.channel ?? ""}`))));
    }
}
