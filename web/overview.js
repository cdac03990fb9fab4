// The whole of a recording in a strip: where there are data, gaps and damage, and the greatest
// and least values of one channel.

import {colours, sharpen} from "./dom.js";
import {parseEnvelope} from "./samples.js";

/** Union of the spans of a kind over all groups, for painting. */
function paintSpans(context, x, height, groups, kind, colour) {
    context.fillStyle = colour;
    const share = height / groups.length;
    groups.forEach((group, i) => {
        for (const [start, end, what] of group.spans)
            if (what === kind)
                context.fillRect(x(start), i * share, Math.max(1, x(end) - x(start)), share);
    });
}

function paintEnvelope(context, x, height, rows, colour) {
    let most = 0;
    for (const {min, max} of rows) most = Math.max(most, Math.abs(min) || 0, Math.abs(max) || 0);
    if (!most) return;
    context.fillStyle = colour;
    for (const row of rows) {
        if (row.kind !== 0 || Number.isNaN(row.min)) continue;
        const a = height / 2 * (1 - row.max / most), b = height / 2 * (1 - row.min / most);
        /* Whole pixels: neighbours leave no seam between them. */
        const left = Math.round(x(row.start));
        context.fillRect(left, a, Math.max(1, Math.round(x(row.end)) - left), Math.max(1, b - a));
    }
}

/** `availability` as answered or null, `envelope` bytes or null. Returns the context and its x. */
export function paintOverview(canvas, {start, end, availability, envelope}) {
    const {context, width, height} = sharpen(canvas);
    const c = colours();
    const x = time => (time - start) / (end - start) * width;

    context.fillStyle = availability ? c.gap : c.paper;
    context.fillRect(0, 0, width, height);
    if (availability) {
        paintSpans(context, x, height, availability.groups, 0, c.paper);
        paintSpans(context, x, height, availability.groups, 2, c.damage);
    }
    if (envelope) paintEnvelope(context, x, height, parseEnvelope(envelope).channels[0], c.accent);
    return {context, x, width, height, colours: c};
}
