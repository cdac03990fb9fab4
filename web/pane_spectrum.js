// The spectrum of the chosen trace over the marked stretch, and its spectrogram over the page.

import {colours, el, sharpen} from "./dom.js";
import {formatSpan, formatValue, SECOND} from "./format.js";
import {stretch} from "./measure.js";
import {spectrogram, spectrum} from "./spectrum.js";
import {text} from "./texts.js";

const BANDS = [0.5, 4, 8, 13, 30, 70];
const HIGHEST_HZ = 70;

function axis(context, c, width, height, highest) {
    context.fillStyle = c.ink;
    context.strokeStyle = c.faint;
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "bottom";
    const step = highest > 300 ? 100 : highest > 40 ? 10 : 5;
    for (let hz = 0; hz < highest; hz += step) {
        const x = hz / highest * width;
        context.beginPath();
        context.moveTo(x, 0);
        context.lineTo(x, height - 14);
        context.stroke();
        if (hz % (2 * step) === 0) context.fillText(String(hz), x + 2, height);
    }
}

/* Decibels over a range that 60 dB beneath the greatest ends. */
function paintSpectrum(canvas, {frequencies, power}, highest) {
    const {context, width, height} = sharpen(canvas);
    const c = colours();
    const top = 10 * Math.log10(Math.max(...power.subarray(1)));
    axis(context, c, width, height, highest);
    context.strokeStyle = c.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    frequencies.forEach((hz, i) => {
        if (i === 0 || hz > highest) return;
        const share = Math.max(0, Math.min(1, (top - 10 * Math.log10(power[i])) / 60));
        context.lineTo(hz / highest * width, 4 + share * (height - 20));
    });
    context.stroke();
}

/* From dark to light by one hue and lightness only: read alike by the colour-blind. */
function shade(share) {
    return `hsl(${220 - 170 * share} ${70 - 10 * share}% ${12 + 76 * share}%)`;
}

function paintSpectrogram(canvas, {frequencies, rows}, highest, c) {
    const {context, width, height} = sharpen(canvas);
    const n = frequencies.findLastIndex(hz => hz <= highest) + 1;
    const whole = rows.filter(Boolean);
    if (!whole.length) return;
    const top = 10 * Math.log10(Math.max(...whole.map(row => Math.max(...row.subarray(1, n)))));
    const wide = width / rows.length, high = height / n;
    rows.forEach((row, i) => {
        for (let k = 0; k < n; k++) {
            const share = row ? Math.max(0, Math.min(1, 1 - (top - 10 * Math.log10(row[k])) / 50)) : 0;
            context.fillStyle = row ? shade(share) : c.gap;
            context.fillRect(i * wide, height - (k + 1) * high, wide + 0.5, high + 0.5);
        }
    });
    context.fillStyle = "#fff";
    context.font = "11px system-ui, sans-serif";
    for (let hz = 10; hz < highest; hz += highest > 40 ? 20 : 5)
        context.fillText(`${hz} Hz`, 3, height - hz / highest * height);
}

function share(found, from, to) {
    let sum = 0;
    found.frequencies.forEach((hz, i) => {
        if (hz >= from && hz < to) sum += found.power[i];
    });
    return sum;
}

export class SpectrumPane {
    constructor(viewer) {
        this.viewer = viewer;
        this.title = el("p");
        this.said = el("p", {role: "status"});
        this.canvas = el("canvas", {role: "img"});
        this.second = el("p");
        this.gram = el("canvas", {role: "img"});
        this.root = el("div", {}, el("p", {}, text("spectrumHint")), this.title, this.canvas, this.said,
            this.second, this.gram);
    }

    update() {
        const {page, selected, marks} = this.viewer;
        const trace = page?.traces[selected];
        if (!trace?.values) {
            this.said.textContent = text("spectrumNone");
            return;
        }
        const values = marks.length === 2 ? stretch(trace, marks) : trace.values;
        const highest = Math.min(HIGHEST_HZ, trace.rate / 2);
        const found = spectrum(values, trace.rate);
        const words = text("spectrumOf", trace.label, formatSpan(values.length / trace.rate * SECOND));
        this.title.textContent = words;
        this.canvas.ariaLabel = words;
        this.second.textContent = text("spectrogramOf", trace.label);
        this.gram.ariaLabel = this.second.textContent;
        paintSpectrogram(this.gram, spectrogram(trace.values, trace.rate, 1), highest, colours());
        if (found.n === 0) {
            sharpen(this.canvas);
            this.said.textContent = text("spectrumNone");
            return;
        }
        paintSpectrum(this.canvas, found, highest);
        const all = share(found, BANDS[0], BANDS.at(-1)) || 1;
        const bands = BANDS.slice(1).map((to, i) => Math.round(100 * share(found, BANDS[i], to) / all));
        let top = 1;
        for (let i = 1; i < found.power.length; i++) if (found.power[i] > found.power[top]) top = i;
        this.said.textContent = `${text("peak", formatValue(found.frequencies[top]))}; ${text("alpha", ...bands)}`;
    }
}
