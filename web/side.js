// The panel at the side: one of its panes is open, or none.

import {el} from "./dom.js";
import {ChannelsPane} from "./pane_channels.js";
import {EventsPane} from "./pane_events.js";
import {SpectrumPane} from "./pane_spectrum.js";
import {text} from "./texts.js";

export class SidePanel extends EventTarget {
    constructor(viewer, root) {
        super();
        this.root = root;
        this.pane = null;
        this.panes = {channels: new ChannelsPane(viewer), events: new EventsPane(viewer),
            spectrum: new SpectrumPane(viewer)};
        const refresh = () => {
            if (this.pane) this.panes[this.pane].update();
        };
        for (const type of ["state", "page", "records", "marked"]) viewer.addEventListener(type, refresh);
    }

    toggle(pane) {
        this.open(this.pane === pane ? null : pane);
    }

    open(pane) {
        this.pane = pane;
        this.root.hidden = pane === null;
        if (pane) {
            this.root.ariaLabel = text(pane);
            this.root.replaceChildren(el("h2", {}, text(pane)), this.panes[pane].root);
            this.panes[pane].update();
        }
        this.dispatchEvent(new Event("change"));
    }
}
