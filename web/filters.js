// The filters of the reading room, as second order sections. Pure functions.
//
// High pass and low pass are Butterworth filters of the second order (12 dB an octave), the notch
// is a second order notch 1/30 of its frequency wide, at the mains and its harmonics. All run
// forward in time only, as the filters of EEG machines do: they shift phase, and nothing is seen
// of what comes after. Coefficients are those of scipy.signal.butter(2, ...) and iirnotch; the
// tests hold them and the output to scipy's.

export const HIGH_PASS = [0.1, 0.3, 0.5, 1, 1.6, 5];
export const LOW_PASS = [15, 35, 70, 100];
export const NOTCH = [50, 60];

const NOTCH_QUALITY = 30;
const MOST_HARMONICS = 10;
/* A cut so close to half the rate does nothing but ring. */
const NYQUIST_SHARE = 0.49;

function butterworth(cut, rate, isHigh) {
    const k = Math.tan(Math.PI * cut / rate);
    const norm = 1 / (1 + Math.SQRT2 * k + k * k);
    const b0 = isHigh ? norm : k * k * norm;
    return [b0, isHigh ? -2 * b0 : 2 * b0, b0,
        2 * (k * k - 1) * norm, (1 - Math.SQRT2 * k + k * k) * norm];
}

export function highPass(cut, rate) {
    return butterworth(cut, rate, true);
}

export function lowPass(cut, rate) {
    return butterworth(cut, rate, false);
}

export function notch(frequency, quality, rate) {
    const w = 2 * Math.PI * frequency / rate;
    const gain = 1 / (1 + Math.tan(w / (2 * quality)));
    const middle = -2 * Math.cos(w) * gain;
    return [gain, middle, gain, middle, 2 * gain - 1];
}

/** Sections [b0, b1, b2, a1, a2] for these settings; what the rate cannot have is left out. */
export function design({highpass = 0, lowpass = 0, notch: mains = 0}, rate) {
    const sections = [];
    const most = NYQUIST_SHARE * rate;
    if (highpass > 0 && highpass < most) sections.push(highPass(highpass, rate));
    if (lowpass > 0 && lowpass < most) sections.push(lowPass(lowpass, rate));
    /* Each notch equally wide: a harmonic of mains wanders no more, in Hz, than its Q allows. */
    for (let i = 1; mains > 0 && i <= MOST_HARMONICS && i * mains < most; i++)
        sections.push(notch(i * mains, NOTCH_QUALITY * i, rate));
    return sections;
}

/** Seconds before a window after which what the filters began with is below 1/1000 of it. */
export function leadSeconds({highpass = 0, lowpass = 0, notch: mains = 0}) {
    const decays = [0];
    for (const cut of [highpass, lowpass])
        if (cut > 0) decays.push(Math.SQRT2 / (2 * Math.PI * cut));
    if (mains > 0) decays.push(NOTCH_QUALITY / (Math.PI * mains));
    return 7 * Math.max(...decays);
}

/* The states of a section that has been fed the constant 1 for ever, and what it then gives. */
function steady([b0, b1, b2, a1, a2]) {
    const gain = (b0 + b1 + b2) / (1 + a1 + a2);
    const z2 = b2 - a2 * gain;
    return {gain, z1: b1 - a1 * gain + z2, z2};
}

/**
 * Filter `values` in place. NaN is a gap: it stays, and the filters begin anew behind it, as if
 * the first sample there had stood for ever; so a constant offset makes no jump.
 */
export function filterInPlace(sections, values) {
    if (sections.length === 0) return values;
    const settled = sections.map(steady);
    const state = new Float64Array(2 * sections.length);
    const n = sections.length;
    const flat = Float64Array.from(sections.flat());
    let isRunning = false;

    for (let i = 0; i < values.length; i++) {
        let x = values[i];
        if (Number.isNaN(x)) {
            isRunning = false;
            continue;
        }
        if (!isRunning) {
            let level = x;
            for (let s = 0; s < n; s++) {
                state[2 * s] = level * settled[s].z1;
                state[2 * s + 1] = level * settled[s].z2;
                level *= settled[s].gain;
            }
            isRunning = true;
        }
        for (let s = 0, c = 0; s < n; s++, c += 5) {
            const y = flat[c] * x + state[2 * s];
            state[2 * s] = flat[c + 1] * x - flat[c + 3] * y + state[2 * s + 1];
            state[2 * s + 1] = flat[c + 2] * x - flat[c + 4] * y;
            x = y;
        }
        values[i] = x;
    }
    return values;
}
