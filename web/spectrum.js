// Power over frequency. Pure functions.

/** In place, decimation in time; lengths a power of two. */
export function fft(re, im) {
    const n = re.length;
    if (n & (n - 1) || im.length !== n) throw new Error("an FFT needs a power of two");
    for (let i = 1, j = 0; i < n; i++) {
        let bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) {
            [re[i], re[j]] = [re[j], re[i]];
            [im[i], im[j]] = [im[j], im[i]];
        }
    }
    for (let size = 2; size <= n; size *= 2) {
        const half = size / 2;
        for (let k = 0; k < half; k++) {
            /* Asked anew each time: a running product drifts. */
            const wr = Math.cos(-2 * Math.PI * k / size), wi = Math.sin(-2 * Math.PI * k / size);
            for (let at = k; at < n; at += size) {
                const to = at + half;
                const tr = re[to] * wr - im[to] * wi, ti = re[to] * wi + im[to] * wr;
                re[to] = re[at] - tr;
                im[to] = im[at] - ti;
                re[at] += tr;
                im[at] += ti;
            }
        }
    }
}

function hann(n) {
    return Float64Array.from({length: n}, (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * i / n));
}

/* The density of one stretch, one-sided, in units squared per Hz; null when it has a gap. */
function density(values, at, window, rate) {
    const n = window.length;
    const re = new Float64Array(n), im = new Float64Array(n);
    let mean = 0;
    for (let i = 0; i < n; i++) mean += values[at + i];
    mean /= n;
    if (Number.isNaN(mean)) return null;
    let power = 0;
    for (let i = 0; i < n; i++) {
        re[i] = (values[at + i] - mean) * window[i];
        power += window[i] * window[i];
    }
    fft(re, im);
    return Float64Array.from({length: n / 2 + 1}, (_, i) =>
        (re[i] * re[i] + im[i] * im[i]) / (power * rate) * (i === 0 || i === n / 2 ? 1 : 2));
}

function stretchLength(n, wanted) {
    let length = 8;
    while (length * 2 <= Math.min(n, wanted)) length *= 2;
    return length;
}

/**
 * Spectrogram: stretches of about `seconds`, each half over the one before, Hann window, mean
 * taken off. {frequencies, times (s, the middles), rows: [Float64Array | null]}
 */
export function spectrogram(values, rate, seconds = 2) {
    if (values.length < 8) return {frequencies: [], times: [], rows: []};
    const length = stretchLength(values.length, rate * seconds);
    const window = hann(length);
    const rows = [], times = [];
    for (let at = 0; at + length <= values.length; at += length / 2) {
        rows.push(density(values, at, window, rate));
        times.push((at + length / 2) / rate);
    }
    return {frequencies: Float64Array.from({length: length / 2 + 1}, (_, i) => i * rate / length), times, rows};
}

/** Welch's mean of the stretches that have no gap. {frequencies, power (units²/Hz), n} */
export function spectrum(values, rate, seconds = 2) {
    const {frequencies, rows} = spectrogram(values, rate, seconds);
    const whole = rows.filter(row => row !== null);
    const power = new Float64Array(frequencies.length);
    for (const row of whole) row.forEach((value, i) => (power[i] += value / whole.length));
    return {frequencies, power: whole.length ? power : power.fill(NaN), n: whole.length};
}
