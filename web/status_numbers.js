// What the numbers of /api/v1/status say: rates, shares and percentiles over the rows of its
// history and the present. Pure functions. A series is [{t, v}]: seconds since 1970, and a value,
// or null where there is none.

/* What the present adds to a row that is younger says nothing. */
const LEAST_STEP_S = 2;

export const WINDOW_S = 300;

/**
 * The time within which `share` (0.5, 0.95) of what was counted took place, in seconds: linear
 * within a bucket; the last bound where it is beyond all. Null: nothing was counted.
 */
export function percentile(counts, bounds, share) {
    const all = counts.reduce((sum, n) => sum + n, 0);
    if (all === 0) return null;
    let rest = share * all;
    for (let i = 0; i < bounds.length; i++) {
        if (counts[i] > 0 && rest <= counts[i]) {
            const low = i === 0 ? 0 : bounds[i - 1];
            return low + (bounds[i] - low) * rest / counts[i];
        }
        rest -= counts[i];
    }
    return bounds.at(-1);
}

/* null where it went back: the server is another one since. */
function grown(after, before) {
    return after >= before ? after - before : null;
}

function total(values) {
    return values.some(v => v === null) ? null : values.reduce((sum, v) => sum + v, 0);
}

export class Numbers {
    constructor(status) {
        this.bounds = status.bounds_s;
        this.now = status.now_s;
        this.places = new Map(status.names.map((name, i) => [name, i]));
        this.rows = status.history.rows.filter(row =>
            row.at_s <= this.now - LEAST_STEP_S && row.at_s >= this.now - WINDOW_S);
        this.rows.push({at_s: this.now, numbers: status.numbers, took: status.took});
    }

    /* Another version's server may lack a number. */
    of(row, name) {
        return row.numbers[this.places.get(name)] ?? null;
    }

    /** A value of each pair of neighbouring rows. */
    between(value) {
        return this.rows.slice(1).map((row, i) => ({t: row.at_s, v: value(row, this.rows[i])}));
    }

    added(row, before, names) {
        return total(names.map(name => {
            const now = this.of(row, name);
            return now === null ? null : grown(now, this.of(before, name));
        }));
    }

    gauge(name) {
        return this.rows.map(row => ({t: row.at_s, v: this.of(row, name)}));
    }

    /** Of all these counters together, a second. */
    rate(...names) {
        return this.between((row, before) => {
            const n = this.added(row, before, names);
            return n === null ? null : n / (row.at_s - before.at_s);
        });
    }

    /** What counters grew by, as a part of what others did; null while those did not. */
    share(part, whole) {
        return this.between((row, before) => {
            const n = this.added(row, before, part), all = this.added(row, before, whole);
            return n === null || !all ? null : n / all;
        });
    }

    tookBetween(row, before) {
        const counts = row.took.counts.map((n, i) => grown(n, before.took.counts[i]));
        return counts.includes(null) ? null : counts;
    }

    /** Calls a second. */
    calls() {
        return this.between((row, before) => {
            const counts = this.tookBetween(row, before);
            return counts && total(counts) / (row.at_s - before.at_s);
        });
    }

    percentiles(share) {
        return this.between((row, before) => {
            const counts = this.tookBetween(row, before);
            return counts && percentile(counts, this.bounds, share);
        });
    }

    /** How much a counter grew in the time that is known. */
    grownInAll(...names) {
        return this.between((row, before) => this.added(row, before, names))
            .reduce((sum, {v}) => sum + (v ?? 0), 0);
    }
}

/** The last value of a series, or null. */
export function latest(series) {
    return series.at(-1)?.v ?? null;
}

/** Its value at a time: of the point that is nearest. */
export function valueAt(series, t) {
    let best = null;
    for (const point of series) if (!best || Math.abs(point.t - t) < Math.abs(best.t - t)) best = point;
    return best?.v ?? null;
}

/** The least that is round, and not less than `value`: 1, 2, 5 times a power of ten; times a power
 * of `base`, which is 10, or 1024 for bytes. */
export function roundUp(value, base = 10) {
    if (!(value > 0)) return 1;
    const unit = base ** Math.floor(Math.log(value) / Math.log(base) + 1e-9);
    const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter(step => step < base);
    return [...steps, base].map(step => step * unit).find(top => top >= value * (1 - 1e-9));
}
