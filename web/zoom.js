// Zooming about a time, which stays where it is on the page: by keys and by the wheel.

import {SECOND} from "./format.js";
import {LENGTHS, step} from "./state.js";

/* What a wheel turns at one click, about; trackpads send many small ones. */
const CLICK_PIXELS = 60;
const LINE_PIXELS = 20;

/** The window `by` steps shorter (-1) or longer (1), about a time; no longer than `most` seconds need be. */
export function zoomed({from, length}, by, time, most) {
    const next = step(LENGTHS, length, by);
    const longer = by > 0 ? Math.max(length, Math.min(next, most)) : Math.min(length, next);
    return {from: time - (time - from) * longer / length, length: longer};
}

/** About the cursor where there is one on the page; else the page begins where it did. */
export function zoomBy(viewer, by, time = viewer.cursor) {
    const {from, length} = viewer.state;
    const isShown = time !== null && time >= from && time <= viewer.to;
    const most = Math.max(1, Math.ceil((viewer.end - viewer.start) / SECOND));
    viewer.change(zoomed({from, length}, by, isShown ? time : from, most));
}

export function bindWheel(viewer, overlay, geometryNow) {
    let turned = 0;
    overlay.addEventListener("wheel", event => {
        const geometry = geometryNow();
        if (!geometry || !viewer.store) return;
        event.preventDefault();
        const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
        const isAcross = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
        if (isAcross) {
            const pixels = (event.deltaX || event.deltaY) * unit;
            viewer.change({from: viewer.state.from + pixels / geometry.width * viewer.state.length * SECOND});
            return;
        }
        turned += event.deltaY * unit;
        if (Math.abs(turned) < CLICK_PIXELS) return;
        /* Of the page that is asked for, not of the one that may still be painted. */
        const share = Math.max(0, Math.min(1, event.offsetX / geometry.width));
        zoomBy(viewer, Math.sign(turned), viewer.state.from + share * viewer.state.length * SECOND);
        turned = 0;
    }, {passive: false});
}
