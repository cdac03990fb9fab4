// What /api/v1/samples and /api/v1/envelope answer, taken apart. Pure functions; a text that is
// cut short or makes no sense throws, so that it is never shown as if it were a recording.

const SAMPLES_MAGIC = "MEF3SMP1";
const ENVELOPE_MAGIC = "MEF3ENV1";
const FRAME_HEAD = 16;
const ROW_BYTES = 32;

/** Kinds of a row of the envelope and of a span of the availability. */
export const DATA = 0, GAP = 1, UNREADABLE = 2;

class Reader {
    constructor(buffer) {
        this.view = new DataView(buffer);
        this.bytes = new Uint8Array(buffer);
        this.at = 0;
    }

    need(n) {
        if (n > this.bytes.length - this.at) throw new Error("the answer is cut short");
    }

    u32() {
        this.need(4);
        this.at += 4;
        return this.view.getUint32(this.at - 4, true);
    }

    i64() {
        this.need(8);
        this.at += 8;
        return Number(this.view.getBigInt64(this.at - 8, true));
    }

    f32() {
        this.need(4);
        this.at += 4;
        return this.view.getFloat32(this.at - 4, true);
    }

    text(n) {
        this.need(n);
        this.at += n;
        return new TextDecoder().decode(this.bytes.subarray(this.at - n, this.at));
    }

    json() {
        return JSON.parse(this.text(this.u32()));
    }

    /** Copied, for a frame need not begin where a Float32Array may. */
    floats(n) {
        this.need(4 * n);
        const out = new Float32Array(n);
        for (let i = 0; i < n; i++) out[i] = this.view.getFloat32(this.at + 4 * i, true);
        this.at += 4 * n;
        return out;
    }
}

function begin(buffer, magic) {
    const reader = new Reader(buffer);
    if (reader.text(8) !== magic) throw new Error(`the answer does not begin with ${magic}`);
    return [reader, reader.json()];
}

/** {head, frames: [{start, n, channels: [Float32Array]}], error, damage} */
export function parseSamples(buffer) {
    const [reader, head] = begin(buffer, SAMPLES_MAGIC);
    const frames = [];
    for (;;) {
        const n = reader.u32();
        if (n === 0) break;
        reader.need(FRAME_HEAD - 4);
        reader.u32();
        const start = reader.i64();
        reader.need(4 * n * head.channels.length);
        frames.push({start, n, channels: head.channels.map(() => reader.floats(n))});
    }
    const end = reader.json();
    return {head, frames, error: end.error ?? null, damage: end.damage ?? null};
}

/** {head, channels: [[{start, end, min, max, kind}]]}, in the head's order of channels. */
export function parseEnvelope(buffer) {
    const [reader, head] = begin(buffer, ENVELOPE_MAGIC);
    const channels = head.channels.map(() => {
        const n = reader.u32();
        reader.u32();
        reader.need(n * ROW_BYTES);
        const rows = [];
        for (let i = 0; i < n; i++) {
            const row = {start: reader.i64(), end: reader.i64(), min: reader.f32(),
                max: reader.f32(), kind: reader.u32()};
            reader.u32();
            rows.push(row);
        }
        return rows;
    });
    return {head, channels};
}
