// The page /status: asks the server how it is, again and again while somebody looks.

import {get} from "./api.js";
import {byId, el} from "./dom.js";
import {clockOf, formatSpan} from "./format.js";
import {concerns} from "./health.js";
import {Numbers} from "./status_numbers.js";
import {Tables} from "./status_tables.js";
import {text} from "./texts.js";
import {themeControl} from "./theme.js";
import {Tiles} from "./tiles.js";

const EVERY_MS = 2000;
/* Without an answer for so long what is shown is of the past, and that is said. */
const STALE_MS = 6000;

const tiles = new Tiles();
const tables = new Tables();
let timer = 0, isAsking = false, seenAt = null;

function verdict(className, sign, words) {
    const box = byId("verdict");
    box.className = className;
    const all = `${sign} ${words}`;
    /* Said to screen readers when it changes, not every two seconds. */
    if (box.textContent !== all) box.textContent = all;
}

function judge(status, numbers) {
    const found = concerns(status, numbers);
    const words = found.map(({key, values}) => text(key, ...values)).join(" ");
    if (found.length === 0) verdict("well", "✓", text("allWell"));
    else if (found.some(concern => concern.grave)) verdict("grave", "✖", words);
    else verdict("look", "▲", `${text("needsALook")} ${words}`);
}

function show(status) {
    const numbers = new Numbers(status);
    const up = formatSpan(Math.round(status.now_s - status.started_s) * 1e6);
    byId("facts").textContent = text("serverFacts", status.version, up);
    judge(status, numbers);
    tiles.show(status, numbers);
    tables.show(status);
    byId("main").classList.remove("stale");
    seenAt = Date.now();
}

function sayStale() {
    if (!isAsking || seenAt === null || document.hidden || Date.now() - seenAt < STALE_MS) return;
    byId("main").classList.add("stale");
    verdict("grave", "✖", text("goneSince", clockOf(seenAt / 1000)));
}

async function ask() {
    if (isAsking || document.hidden) return;
    isAsking = true;
    clearTimeout(timer);
    try {
        show(await get("status", []));
    } catch (error) {
        verdict("grave", "✖", text("cannotTell", error.message));
    }
    isAsking = false;
    timer = setTimeout(ask, EVERY_MS);
}

document.title = `${text("status")} · ${text("title")}`;
byId("head").append(el("h1", {}, `${text("title")} · ${text("status")}`),
    el("nav", {}, el("a", {href: "/"}, text("recordings"))),
    el("span", {id: "facts"}), el("span", {className: "grow"}), themeControl(() => tiles.paint()));
byId("tiles").append(...tiles.elements);
byId("tables").append(...tables.elements);
document.addEventListener("visibilitychange", ask);
new ResizeObserver(() => tiles.paint()).observe(byId("tiles"));
setInterval(sayStale, 1000);
ask();
