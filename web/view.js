// The page /view: puts the viewer's parts together and paints its page.

import {millimetre} from "./calibrate.js";
import {byId, colours, el, sharpen} from "./dom.js";
import {bindKeys} from "./keys.js";
import {Labels} from "./labels.js";
import {Measure} from "./measure.js";
import {side} from "./montage.js";
import {Geometry, paintEvents, paintGrid, paintHoles, paintRows, paintScale, paintTrace} from "./paint.js";
import {formatClock, formatDate, formatElapsed, formatSpan, formatValue, formatZone} from "./format.js";
import {Player} from "./play.js";
import {SidePanel} from "./side.js";
import {fromAddress} from "./state.js";
import {Strip} from "./strip.js";
import {text} from "./texts.js";
import {Toolbar} from "./toolbar.js";
import {Viewer} from "./viewer.js";
import {bindWheel} from "./zoom.js";

const viewer = new Viewer(fromAddress(location.search));
const hasScale = new URLSearchParams(location.search).has("scale");
let geometry = null;

function colourOf(trace, c) {
    const where = side(trace.plus);
    return where < 0 ? c.left : where > 0 ? c.right : c.middle;
}

/* Pixels a µV of a trace, as the canvas counts: downwards. */
function pixelsOf(trace) {
    return millimetre() / viewer.sensitivityOf(trace.label) * (viewer.state.negativeUp ? 1 : -1);
}

function paint() {
    const canvas = byId("traces");
    const {context, width, height} = sharpen(canvas);
    const {page} = viewer;
    const c = colours();

    if (!page) return;
    geometry = new Geometry(width, height, page.from, page.to, page.traces);
    page.traces.forEach((trace, i) => paintHoles(context, geometry, c, i, trace.holes));
    paintGrid(context, geometry, c, {offset: viewer.offset, start: viewer.start});
    context.save();
    context.beginPath();
    context.rect(0, 0, width, geometry.bottom);
    context.clip();
    page.traces.forEach((trace, i) => {
        const style = {colour: colourOf(trace, c), damage: c.damage, pixels: pixelsOf(trace),
            width: i === viewer.selected ? 1.5 : 1};
        if (trace.rows) paintRows(context, geometry, i, trace.rows, style);
        else paintTrace(context, geometry, i, trace, style);
    });
    paintEvents(context, geometry, c, viewer.records);
    context.restore();
    const unit = page.traces[0]?.unit ?? "µV";
    paintScale(context, geometry, c, `${formatValue(10 * viewer.state.sensitivity)} ${unit}`, 10 * millimetre());
    canvas.ariaLabel = text("pageLabel", page.traces.length, formatSpan(page.to - page.from),
        `${formatDate(page.from, viewer.offset)} ${formatClock(page.from, viewer.offset)}`);
}

function say() {
    const {page} = viewer;
    const where = byId("where");
    where.classList.toggle("error", Boolean(viewer.error));
    if (viewer.error) where.textContent = text("cannotShow", viewer.error.message);
    else if (!page) where.textContent = text("loading");
    else {
        const words = [text("pageFrom", formatDate(page.from, viewer.offset), formatClock(page.from, viewer.offset, 2),
            formatZone(viewer.offset), formatElapsed(page.from - viewer.start, 1))];
        if (page.isEnvelope) words.push(text("envelopeNote"));
        if (page.traces.length === 0) words.push(text("noTraces"));
        where.textContent = words.join(" · ");
    }
}

function start() {
    const labels = new Labels(viewer, byId("labels"));
    const strip = new Strip(viewer, byId("strip"));
    const measure = new Measure(viewer, {overlay: byId("overlay"), hint: byId("hint"), said: byId("measured"),
        geometry: () => geometry, pixelsOf});
    const panel = new SidePanel(viewer, byId("side"));
    const player = new Player(viewer);
    const repaint = () => {
        paint();
        labels.place(geometry);
        measure.paint();
        strip.paint();
    };
    const toolbar = new Toolbar(viewer, byId("head"), {player, panel, repaint, geometry: () => geometry});
    const paper = byId("paper");
    const resized = () => {
        const width = Math.max(100, Math.round(paper.clientWidth));
        if (width === viewer.width) {
            repaint();
            return;
        }
        viewer.width = width;
        repaint();
        if (viewer.page?.isEnvelope) viewer.refresh();
    };

    bindKeys(viewer, {toolbar, panel, player, measure, geometry: () => geometry});
    bindWheel(viewer, byId("overlay"), () => geometry);
    viewer.addEventListener("page", () => {
        say();
        paint();
        labels.fill(geometry);
        measure.paint();
        strip.paint();
    });
    if (!hasScale) viewer.addEventListener("page", () => toolbar.suit(), {once: true});
    viewer.addEventListener("records", repaint);
    viewer.addEventListener("state", () => strip.paint());
    viewer.addEventListener("loading", () => {
        document.body.setAttribute("aria-busy", String(viewer.isLoading));
    });
    viewer.width = Math.max(100, Math.round(paper.clientWidth));
    new ResizeObserver(resized).observe(paper);
}

async function main() {
    const {recording} = viewer.state;
    if (!recording) {
        byId("head").append(el("h1", {}, el("a", {href: "/"}, text("recordings"))));
        byId("where").textContent = text("noRecordingChosen");
        return;
    }
    document.title = `${recording.split("/").at(-1)} · ${text("title")}`;
    byId("where").textContent = text("loading");
    start();
    try {
        await viewer.open();
    } catch (error) {
        viewer.error = error;
        say();
    }
}

/* For the tests, and for the curious at the console. */
globalThis.mef3d = {viewer};
main();
