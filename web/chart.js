// A time-line on a canvas: lines over the last minutes, told apart by colour and by dashes.

import {colours, sharpen} from "./dom.js";
import {roundUp} from "./status_numbers.js";

export const DASHES = [[], [6, 3], [2, 2]];
/* In sizes of its font. */
const LEFT = 4.9, RIGHT = 0.8, TOP = 0.7, BOTTOM = 1.5;

/* Where lines are drawn across: a scale from 0, or of powers of ten. */
function scaleOf(values, {top, isLog, isBytes}) {
    const most = Math.max(0, ...values);
    if (!isLog) {
        const high = top ?? roundUp(most, isBytes ? 1024 : 10);
        return {ticks: [0, high / 2, high], share: v => Math.min(v / high, 1)};
    }
    const above = values.filter(v => v > 0);
    const low = Math.floor(Math.log10(above.length ? Math.min(...above) : 1e-3));
    const high = Math.max(low + 1, Math.ceil(Math.log10(above.length ? most : 1e-1)));
    const step = Math.ceil((high - low) / 3);
    const ticks = [];
    for (let power = low; power <= high; power += step) ticks.push(10 ** power);
    return {ticks, share: v => (v > 0 ? Math.max(0, (Math.log10(v) - low) / (high - low)) : 0)};
}

function paintGrid(context, place, scale, c, {format, seconds, words}) {
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const tick of scale.ticks) {
        const y = Math.round(place.y(tick)) + 0.5;
        context.strokeStyle = tick === scale.ticks[0] ? c.line : c.faint;
        context.beginPath();
        context.moveTo(place.left, y);
        context.lineTo(place.right, y);
        context.stroke();
        context.fillStyle = c.strong;
        context.fillText(format(tick), place.left - 5, y);
    }
    context.textBaseline = "bottom";
    for (let minute = 0; minute < seconds / 60; minute += 2) {
        context.textAlign = minute === 0 ? "right" : "center";
        context.fillText(minute === 0 ? words.now : words.ago(minute), place.x(-60 * minute), place.height);
    }
}

function paintLine(context, place, points, colour, dash) {
    let isOn = false, alone = null;
    const dot = () => {
        if (!alone) return;
        context.fillStyle = colour;
        context.fillRect(place.x(alone.t) - 1.5, place.y(alone.v) - 1.5, 3, 3);
    };
    context.strokeStyle = colour;
    context.lineWidth = 1.75;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.beginPath();
    for (const {t, v} of points) {
        if (v === null) {
            dot();
            isOn = false;
            alone = null;
            continue;
        }
        if (isOn) context.lineTo(place.x(t), place.y(v));
        else context.moveTo(place.x(t), place.y(v));
        alone = isOn ? null : {t, v};
        isOn = true;
    }
    context.stroke();
    context.setLineDash([]);
    dot();
}

function paintMoment(context, place, {x, top, bottom, words}, c) {
    const isRight = x > (place.left + place.right) / 2;
    context.strokeStyle = c.ink;
    context.lineWidth = 1;
    context.strokeRect(Math.round(x) + 0.5, top, 0, bottom - top);
    context.textAlign = isRight ? "right" : "left";
    context.textBaseline = "top";
    context.fillStyle = c.ink;
    context.fillText(words, x + (isRight ? -5 : 5), 0);
}

/** The colour of the i-th line, as the style sheet has it for the legend too. */
function lineColours(c) {
    return [c.left, c.right, c.middle];
}

/**
 * Paint series (see status_numbers.js). `format`: of a value; `top`: of the scale, where it is
 * fixed; `isLog`; `isBytes`; `at`: a time that is pointed at, or null; `words`: {now, ago(minutes), at(t)}.
 * Returns the time of an x.
 */
export function paintTimeline(canvas, series, {now, seconds, format, at, words, ...looks}) {
    const {context, width, height} = sharpen(canvas);
    const c = colours();
    const scale = scaleOf(series.flat().map(point => point.v).filter(v => v !== null), looks);
    const font = getComputedStyle(canvas);
    const size = parseFloat(font.fontSize);
    const left = LEFT * size, right = width - RIGHT * size, top = TOP * size, bottom = height - BOTTOM * size;
    const x = t => left + (1 + t / seconds) * (right - left);
    const place = {x, left, right, height, y: v => bottom - scale.share(v) * (bottom - top)};

    context.font = `${font.fontSize} ${font.fontFamily}`;
    paintGrid(context, place, scale, c, {format, seconds, words});
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left + 2, height);
    context.clip();
    series.forEach((points, i) => paintLine(context, place, points.map(({t, v}) => ({t: t - now, v})),
        lineColours(c)[i], DASHES[i]));
    if (at !== null) paintMoment(context, place, {x: x(at - now), top, bottom, words: words.at(at)}, c);
    context.restore();
    return px => now + ((px - left) / (right - left) - 1) * seconds;
}
