// Samples that were fetched, in chunks of whole samples a channel; so that a page that overlaps
// another asks for the rest only. The grid of samples of a rate begins at the recording's start.

import {Problem} from "./api.js";
import {SECOND} from "./format.js";
import {parseSamples} from "./samples.js";

const CHUNK_S = 2;
const BUDGET_BYTES = 192 * 2 ** 20;
/* The server takes 1024 channels, but an address has its limits. */
const MOST_CHANNELS = 64;
const MOST_CHUNKS = 32;

export class SampleStore {
    /** `rates`: Map of channel to Hz; `fetchSamples(names, from, to)` gives the bytes of an answer. */
    constructor(rates, start, end, fetchSamples) {
        Object.assign(this, {rates, start, end, fetchSamples});
        this.chunks = new Map();
        this.pending = new Map();
        this.bytes = 0;
        this.faults = []; // {names: Set, from, to, text}
    }

    chunkSamples(rate) {
        return Math.max(1, Math.round(rate * CHUNK_S));
    }

    /** The number, on the rate's grid, of the first sample at or after a time. */
    indexAt(time, rate) {
        return Math.ceil((time - this.start) / SECOND * rate - 1e-6);
    }

    timeOf(index, rate) {
        return this.start + index * SECOND / rate;
    }

    /* [first, last] chunk of a window, within the recording; last < first: none. */
    range(from, to, rate) {
        const n = this.chunkSamples(rate);
        const first = Math.floor(this.indexAt(Math.max(from, this.start), rate) / n);
        return [first, Math.ceil(this.indexAt(Math.min(to, this.end), rate) / n) - 1];
    }

    /** Fetch what is not here of [from, to). Resolves when all of it is. */
    async ensure(names, from, to) {
        const waits = [];
        const byRate = new Map();
        for (const name of names) {
            const rate = this.rates.get(name);
            if (!byRate.has(rate)) byRate.set(rate, []);
            byRate.get(rate).push(name);
        }
        for (const [rate, ofRate] of byRate) {
            const [first, last] = this.range(from, to, rate);
            for (let at = 0; at < ofRate.length; at += MOST_CHANNELS)
                this.ensureRate(ofRate.slice(at, at + MOST_CHANNELS), rate, first, last, waits);
        }
        await Promise.all(waits);
    }

    /* Neighbouring chunks that lack the same channels are one request. */
    ensureRate(names, rate, first, last, waits) {
        let open = null;
        const close = () => {
            if (open) waits.push(this.fetchRun(open, rate));
            open = null;
        };
        for (let chunk = first; chunk <= last; chunk++) {
            const missing = names.filter(name => {
                const key = `${chunk} ${name}`;
                if (this.pending.has(key)) waits.push(this.pending.get(key));
                return !this.chunks.has(key) && !this.pending.has(key);
            });
            const isSame = open && open.names.join("\0") === missing.join("\0");
            if (!isSame || chunk - open.first >= MOST_CHUNKS) close();
            if (missing.length && !open) open = {names: missing, first: chunk, last: chunk};
            else if (open) open.last = chunk;
        }
        close();
    }

    fetchRun(run, rate) {
        const keys = [];
        for (let chunk = run.first; chunk <= run.last; chunk++)
            for (const name of run.names) keys.push(`${chunk} ${name}`);
        const done = this.fetchInto(run, rate).finally(() => keys.forEach(key => this.pending.delete(key)));
        keys.forEach(key => this.pending.set(key, done));
        return done;
    }

    async fetchInto({names, first, last}, rate) {
        const size = this.chunkSamples(rate);
        const from = Math.round(this.timeOf(first * size, rate));
        const to = Math.round(this.timeOf((last + 1) * size, rate));
        const whole = names.map(() => new Float32Array((last + 1 - first) * size).fill(NaN));
        try {
            const answer = parseSamples(await this.fetchSamples(names, from, to));
            const columns = names.map(name => answer.head.channels.indexOf(name));
            if (columns.includes(-1)) throw new Error("the server answered with other channels");
            let at = 0;
            for (const frame of answer.frames) {
                columns.forEach((column, i) => {
                    const room = Math.max(0, whole[i].length - at);
                    whole[i].set(frame.channels[column].subarray(0, room), at);
                });
                at += frame.n;
            }
            const words = answer.error ?? answer.damage;
            if (words) this.faults.push({names: new Set(names), from, to, text: words});
        } catch (error) {
            /* Damage is shown where it is; all else is for the page to say. */
            if (!(error instanceof Problem) || error.status !== 422) throw error;
            this.faults.push({names: new Set(names), from, to, text: error.message});
        }
        for (let chunk = first; chunk <= last; chunk++)
            names.forEach((name, i) => {
                const at = (chunk - first) * size;
                this.put(`${chunk} ${name}`, whole[i].slice(at, at + size));
            });
    }

    put(key, values) {
        this.chunks.set(key, values);
        this.bytes += values.byteLength;
        for (const [old, {byteLength}] of this.chunks) {
            if (this.bytes <= BUDGET_BYTES || old === key) break;
            this.chunks.delete(old);
            this.bytes -= byteLength;
        }
    }

    /** Samples [index, index + n) of a channel as doubles; NaN where nothing is. */
    read(name, index, n) {
        const size = this.chunkSamples(this.rates.get(name));
        const out = new Float64Array(n).fill(NaN);
        for (let chunk = Math.floor(index / size); chunk * size < index + n; chunk++) {
            const key = `${chunk} ${name}`;
            const values = this.chunks.get(key);
            if (!values) continue;
            /* What was looked at last goes last. */
            this.chunks.delete(key);
            this.chunks.set(key, values);
            const begin = Math.max(index, chunk * size), end = Math.min(index + n, (chunk + 1) * size);
            out.set(values.subarray(begin - chunk * size, end - chunk * size), begin - index);
        }
        return out;
    }
}
