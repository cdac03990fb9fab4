// The page as a file: its samples as the server exports them, or a picture with the names.

import {byId, colours, el} from "./dom.js";
import {formatClock, formatDate} from "./format.js";

export const FORMATS = ["csv", "npy", "png"];
const LABELS_WIDTH = 110;

function download(href, name) {
    const link = el("a", {href, download: name});
    document.body.append(link); // or some browsers do not follow it
    link.click();
    link.remove();
}

function nameOf(viewer, rest) {
    const recording = viewer.state.recording.split("/").at(-1).replace(/\.mefd(\.tar)?$/, "");
    const {from} = viewer.state, clock = formatClock(from, viewer.offset).replaceAll(":", "");
    return `${recording} ${formatDate(from, viewer.offset)} ${clock}${rest}`;
}

/* As recorded: what is computed here is of the eye. A file holds one rate, so there is one for each. */
function saveSamples(viewer, format) {
    const byRate = new Map();
    for (const name of viewer.shown()) {
        const rate = viewer.store.rates.get(name);
        byRate.set(rate, [...byRate.get(rate) ?? [], name]);
    }
    for (const [rate, names] of byRate) {
        const query = new URLSearchParams([...viewer.query(names, viewer.state.from, viewer.to), ["format", format]]);
        download(`/api/v1/export?${query}`, nameOf(viewer, `${byRate.size > 1 ? ` ${rate} Hz` : ""}.${format}`));
    }
}

async function savePicture(viewer, geometry) {
    const traces = byId("traces"), ratio = traces.width / geometry.width;
    const canvas = el("canvas", {width: traces.width + LABELS_WIDTH * ratio, height: traces.height});
    const context = canvas.getContext("2d"), c = colours();
    context.fillStyle = c.paper;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(traces, LABELS_WIDTH * ratio, 0);
    context.scale(ratio, ratio);
    context.fillStyle = c.ink;
    context.font = `${Math.max(6, Math.min(13, geometry.lane * 0.9))}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    viewer.page.traces.forEach((trace, i) => context.fillText(trace.label, 4, geometry.middle(i), LABELS_WIDTH - 8));
    const blob = await new Promise(done => canvas.toBlob(done));
    const url = URL.createObjectURL(blob);
    download(url, nameOf(viewer, ".png"));
    setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export function save(viewer, format, geometry) {
    if (!viewer.page) return;
    if (format === "png") savePicture(viewer, geometry);
    else saveSamples(viewer, format);
}
