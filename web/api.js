// Requests to the server this page came from. A server that is gone is asked again until it is
// back, and the reader is told; a problem (RFC 9457) that will not go away is thrown.

import {byId} from "./dom.js";
import {text} from "./texts.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

export class Problem extends Error {
    constructor(status, detail) {
        super(detail);
        this.status = status;
    }
}

const waiting = new Set();
let isTold = false;

/* One line at the top, said to screen readers too (role=status). */
function tell(words) {
    const notice = byId("notice");
    notice.textContent = words;
    notice.hidden = false;
    isTold = true;
}

function settle(request) {
    waiting.delete(request);
    if (waiting.size > 0 || !isTold) return;
    isTold = false;
    const notice = byId("notice");
    notice.textContent = text("back");
    setTimeout(() => {
        if (!isTold) notice.hidden = true;
    }, 3000);
}

async function problemOf(response) {
    try {
        const problem = await response.json();
        return new Problem(response.status, String(problem.detail ?? problem.title));
    } catch {
        return new Problem(response.status, `${response.status} ${response.statusText}`);
    }
}

async function once(url, as) {
    const response = await fetch(url, {cache: "no-cache"});
    if (!response.ok) throw await problemOf(response);
    return as === "json" ? response.json() : response.arrayBuffer();
}

function isTransient(error) {
    /* fetch and a body that breaks off throw a TypeError. */
    return error instanceof TypeError || (error instanceof Problem && error.status === 503);
}

/** GET a resource. `parameters`: [name, value]…; `as`: "json" or "buffer". */
export async function get(resource, parameters, as = "json") {
    const url = `/api/v1/${resource}?${new URLSearchParams(parameters)}`;
    const request = {};
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
        try {
            const answer = await once(url, as);
            settle(request);
            return answer;
        } catch (error) {
            if (!isTransient(error)) {
                settle(request);
                throw error;
            }
            waiting.add(request);
            tell(error instanceof Problem ? text("busy", error.message) : text("gone"));
        }
        await new Promise(done => setTimeout(done, wait));
    }
}
