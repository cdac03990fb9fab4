// Numbers, times and sizes as people read them; and times as they type them. Pure functions.
// Times are uUTC: microseconds since 1970, UTC, whole numbers below 2^53.

export const SECOND = 1e6;
const DAY = 86400 * SECOND;

function pad(number, digits = 2) {
    return String(number).padStart(digits, "0");
}

/** A value with three significant digits, never in exponential notation where people read µV. */
export function formatValue(value) {
    if (!Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size >= 1e7 || (size > 0 && size < 1e-3)) return value.toExponential(2);
    const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    const text = value.toFixed(digits);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

export function formatBytes(bytes) {
    if (!Number.isFinite(bytes)) return "";
    const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let unit = 0;
    while (bytes >= 1024 && unit < units.length - 1) {
        bytes /= 1024;
        unit++;
    }
    return `${unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

/** A stretch of time by its two largest units: "3 d 4 h", "12 min 5 s", "250 ms". */
export function formatSpan(us) {
    if (!Number.isFinite(us)) return "";
    if (us < SECOND) return `${Number((us / 1000).toPrecision(3))} ms`;
    if (us < 60 * SECOND) return `${Number((us / SECOND).toFixed(2))} s`;
    const parts = [["d", DAY], ["h", 3600 * SECOND], ["min", 60 * SECOND], ["s", SECOND]];
    let rest = Math.round(us / SECOND) * SECOND;
    const said = [];
    for (const [unit, size] of parts) {
        const n = Math.floor(rest / size);
        rest -= n * size;
        if (n || said.length) said.push([n, unit]);
        if (said.length === 2) break;
    }
    return said.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}`).join(" ");
}

/** The clock on the wall where it was recorded; `offset` in seconds east of Greenwich, or null. */
export function formatClock(uutc, offset, digits = 0) {
    const unit = 10 ** (6 - digits);
    const local = Math.floor(uutc / unit) * unit + (offset ?? 0) * SECOND;
    const inDay = ((local % DAY) + DAY) % DAY;
    const seconds = Math.floor(inDay / SECOND);
    const fraction = digits ? "." + pad(Math.floor((inDay % SECOND) / unit), digits) : "";
    return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:` +
        `${pad(seconds % 60)}${fraction}`;
}

/** The clock of who looks, of seconds since 1970. */
export function clockOf(seconds) {
    return formatClock(seconds * SECOND, -60 * new Date(seconds * 1000).getTimezoneOffset());
}

export function formatDate(uutc, offset) {
    const date = new Date(Math.floor((uutc + (offset ?? 0) * SECOND) / 1000));
    return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(0, 10);
}

/** "UTC" or "UTC−06:00". */
export function formatZone(offset) {
    if (!offset) return "UTC";
    const size = Math.abs(offset);
    return `UTC${offset < 0 ? "−" : "+"}${pad(Math.floor(size / 3600))}:` +
        pad(Math.floor(size / 60) % 60);
}

/** Time from the start: "+1:02:03.5". */
export function formatElapsed(us, digits = 0) {
    const sign = us < 0 ? "−" : "+";
    const unit = 10 ** (6 - digits);
    const all = Math.floor(Math.abs(us) / unit) * unit;
    const seconds = Math.floor(all / SECOND);
    const fraction = digits ? "." + pad(Math.floor((all % SECOND) / unit), digits) : "";
    return `${sign}${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:` +
        `${pad(seconds % 60)}${fraction}`;
}

function secondsOf(text) {
    const found = /^(?:(?:(\d{1,6}):)?(\d{1,2}):)?(\d+(?:\.\d+)?)$/.exec(text);
    if (!found) return null;
    return Number(found[1] ?? 0) * 3600 + Number(found[2] ?? 0) * 60 + Number(found[3]);
}

/**
 * A moment as typed: "+90", "+1:30" and "+0:01:30" from the start; "22:05", "22:05:10.5" the
 * first such time of the day at or after the start; "2024-01-15 22:05:10" a date and time of the
 * recording's zone. Null: not understood.
 */
export function parseMoment(text, start, offset) {
    const shift = (offset ?? 0) * SECOND;
    text = text.trim();
    if (text.startsWith("+")) {
        const seconds = secondsOf(text.slice(1).trim());
        return seconds === null ? null : Math.round(start + seconds * SECOND);
    }
    const dated = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]+(.+))?$/.exec(text);
    const clock = /^(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?Z?$/.exec(dated ? dated[4] ?? "00:00" : text);
    if (!clock || Number(clock[1]) > 23 || Number(clock[2]) > 59) return null;
    const inDay = (Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)) * SECOND;
    if (dated) {
        const day = Date.UTC(Number(dated[1]), Number(dated[2]) - 1, Number(dated[3])) * 1000;
        return Math.round(day + inDay - shift);
    }
    const midnight = Math.floor((start + shift) / DAY) * DAY - shift;
    return Math.round(midnight + inDay + (midnight + inDay < start ? DAY : 0));
}

/** Beneath a grid line: the clock, and the time from the start. Where lines are many hours apart, the date at
 * midnight, and days. */
export function gridWords(time, step, offset, start, digits = 0) {
    if (step < 10800 * SECOND) return [formatClock(time, offset, digits), formatElapsed(time - start, digits)];
    const isMidnight = (time + (offset ?? 0) * SECOND) % DAY === 0;
    return [isMidnight ? formatDate(time, offset) : formatClock(time, offset).slice(0, 5),
        `${time < start ? "−" : "+"}${time === start ? "0 d" : formatSpan(Math.abs(time - start))}`];
}

/** The distance of grid lines: the least of 1, 2, 5 times a power of ten (or of clock units). */
export function gridStep(us, atMost) {
    const steps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60,
        120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 259200, 604800, 1209600];
    const wanted = us / SECOND / Math.max(atMost, 1);
    const step = steps.find(s => s >= wanted) ?? Math.ceil(wanted / 2592000) * 2592000;
    return step * SECOND;
}
