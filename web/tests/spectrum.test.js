import assert from "node:assert/strict";
import test from "node:test";

import {fft, spectrogram, spectrum} from "../spectrum.js";

test("the FFT is the sum that defines it", () => {
    const n = 64;
    const re = Float64Array.from({length: n}, (_, i) => Math.sin(i * i)), im = re.map((v, i) => v * Math.cos(i));
    const [outRe, outIm] = [re.slice(), im.slice()];
    fft(outRe, outIm);
    for (let k = 0; k < n; k++) {
        let sumRe = 0, sumIm = 0;
        for (let i = 0; i < n; i++) {
            const angle = -2 * Math.PI * k * i / n;
            sumRe += re[i] * Math.cos(angle) - im[i] * Math.sin(angle);
            sumIm += re[i] * Math.sin(angle) + im[i] * Math.cos(angle);
        }
        assert.ok(Math.hypot(outRe[k] - sumRe, outIm[k] - sumIm) < 1e-10);
    }
    assert.throws(() => fft(new Float64Array(6), new Float64Array(6)), /power of two/);
});

test("a sine's power is half its square, at its frequency", () => {
    const rate = 256, amplitude = 20;
    const values = Float64Array.from({length: 10 * rate}, (_, i) =>
        500 + amplitude * Math.sin(2 * Math.PI * 10 * i / rate));
    const {frequencies, power, n} = spectrum(values, rate);
    const top = power.indexOf(Math.max(...power));
    assert.equal(frequencies[top], 10);
    assert.equal(n, 9);
    const sum = power.reduce((a, b) => a + b, 0) * frequencies[1];
    assert.ok(Math.abs(sum - amplitude ** 2 / 2) < 1e-6 * sum, String(sum));
});

test("a stretch with a gap is not counted", () => {
    const values = new Float64Array(2048).fill(1);
    values[600] = NaN;
    const {rows} = spectrogram(values, 256);
    assert.deepEqual(rows.map(row => row === null), [false, true, true, false, false, false, false]);
    assert.ok(Number.isNaN(spectrum(new Float64Array(600).fill(NaN), 256).power[0]));
    assert.equal(spectrum(new Float64Array(3), 256).n, 0);
});
