// Whether the server is well, and what needs a look: what an operator is told first. A pure
// function.

import {latest} from "./status_numbers.js";

/* Of what is bounded and not meant to be full: the arena is. */
const NEARLY_FULL = 0.9;
/* Points of a series, some five seconds each, over which jobs must have waited. */
const LONG = 3;

function waits(series) {
    const last = series.slice(-LONG);
    return last.length === LONG && last.every(point => point.v > 0);
}

const SERVERS_FAULT = /^(5\d\d|UNAVAILABLE|RESOURCE_EXHAUSTED|INTERNAL|UNKNOWN|DATA_LOSS)$/;

/**
 * Concerns, the gravest first: {grave, key, values}; none: all is well. `numbers` are of
 * `status`.
 */
export function concerns(status, numbers) {
    const found = [];
    const add = (isSo, grave, key, ...values) => isSo && found.push({grave, key, values});
    const there = status.workers.filter(worker => worker.state === "idle" || worker.state === "busy");
    const isLate = row => row.at_s > status.now_s - 300;
    const refused = status.refusals.filter(row => isLate(row) && SERVERS_FAULT.test(row.status)).length;
    const damaged = status.damage.filter(isLate).length;
    const lost = numbers.grownInAll("mef3d_pool_workers_lost_total");
    const full = status.memory.filter(row => row.name !== "arena" && row.bytes > NEARLY_FULL * row.budget_bytes);
    const queue = numbers.gauge('mef3d_pool_queue_jobs{lane="now"}');

    add(there.length === 0, true, "noWorkers");
    add(lost > 0, false, "workersLost", lost);
    add(there.length > 0 && waits(queue), false, "jobsWait", latest(queue));
    for (const row of full) add(true, false, "nearlyFull", row.name);
    add(refused > 0, false, "refusedByServer", refused);
    add(damaged > 0, false, "damageFound", damaged);
    return found;
}
