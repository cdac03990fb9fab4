// What an operator sees on /status. BASE: a daemon with demo.mefd; FROM: its start.
import assert from "node:assert/strict";
import test from "node:test";

import {launch, openPage, seriousFindings} from "./browser.mjs";

const {BASE} = process.env;
const FROM = Number(process.env.FROM);
const HOSTILE = "<img src=x onerror=window.hurt=1>";
const browser = await launch();
test.after(() => browser.close());

const ask = (resource, parameters) => fetch(`${BASE}/api/v1/${resource}?${new URLSearchParams(parameters)}`);

/* A page of ten seconds, all channels; one that was not read before. */
let at = FROM;
async function read() {
    const answer = await ask("samples", {recording: "demo.mefd", from: at, to: at + 1e7});
    assert.equal(answer.status, 200);
    await answer.arrayBuffer();
    at += 1e7;
}

async function withPage(use, options) {
    const {page, context, complaints, hosts} = await openPage(browser, options);
    try {
        await page.goto(`${BASE}/status`);
        await page.locator(".tile canvas").first().waitFor();
        await use(page, context);
        assert.deepEqual(complaints, []);
        assert.deepEqual([...hosts], [new URL(BASE).host]);
    } finally {
        await context.close();
    }
}

const tile = (page, name) => page.locator(".tile", {has: page.getByRole("heading", {name, exact: true})});
const table = (page, name) => page.getByRole("region", {name});

/* Reads till what is shown is so. */
async function readUntil(isSo) {
    while (!await isSo()) await read();
}

test("numbers change while somebody reads, and the requests are listed", () => withPage(async page => {
    await page.getByText("✓ All is well.").waitFor();
    const big = name => tile(page, name).locator(".big strong").textContent();
    await readUntil(async () => /^[1-9]/.test(await big("Requests")));
    await readUntil(async () => /^[1-9].*\/s$/.test(await big("Sent")));
    await readUntil(async () => /^[\d.]+ (ms|s)$/.test(await big("Latency")));
    await readUntil(async () => /%$/.test(await big("Hit rate")));
    const row = table(page, "Slowest requests").getByRole("row").filter({hasText: "/api/v1/samples"}).first();
    await row.waitFor();
    assert.match(await row.textContent(), /demo\.mefd200127\.0\.0\.1:\d+$/);
    assert.match(await row.getByRole("img").getAttribute("aria-label"), /decoding|sending/);
    assert.match(await tile(page, "Memory against budget").textContent(), /samples.* MiB of .* MiB/);
    assert.equal(await table(page, "Workers").getByRole("row").count(), 3);
    assert.match(await table(page, "Clients").textContent(), /127\.0\.0\.1HTTP/);
}));

test("a line is drawn where its numbers are, and pointing at it tells an earlier value", () => withPage(async page => {
    const canvas = tile(page, "Requests").locator("canvas");
    const said = () => tile(page, "Requests").locator(".legend").textContent();
    await readUntil(async () => /reads [1-9]/.test(await said()));
    const isInked = await canvas.evaluate(drawn => {
        const wanted = getComputedStyle(document.documentElement).getPropertyValue("--left").trim();
        const probe = document.createElement("canvas").getContext("2d");
        probe.fillStyle = wanted;
        probe.fillRect(0, 0, 1, 1);
        const ink = [...probe.getImageData(0, 0, 1, 1).data].join();
        const {data} = drawn.getContext("2d").getImageData(0, 0, drawn.width, drawn.height);
        for (let i = 0; i < data.length; i += 4) if ([...data.slice(i, i + 4)].join() === ink) return true;
        return false;
    });
    assert.ok(isInked);
    const told = () => canvas.getAttribute("aria-label");
    const {width} = await canvas.boundingBox();
    assert.match(await told(), /^Requests, the last five minutes; now: calls and reads [1-9]/);
    await canvas.hover({position: {x: width - 40, y: 40}});
    assert.match(await told(), /^Requests, the last five minutes; \d\d:\d\d:\d\d: calls and reads/);
    await tile(page, "Latency").getByRole("heading").hover();
    assert.match(await told(), /minutes; now:/);
    await canvas.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    assert.match(await told(), /minutes; \d\d:\d\d:\d\d: calls/);
    while (!/minutes; now:/.test(await told())) await page.keyboard.press("ArrowRight");
}));

test("what is refused is listed as it was sent, and hurts nobody", () => withPage(async page => {
    assert.equal((await ask("metadata", {recording: HOSTILE})).status, 404);
    assert.equal((await fetch(`${BASE}/${"long".repeat(200)}`)).status, 404);
    await table(page, "Recent refusals").getByText(`File does not exist: ${HOSTILE}`).waitFor();
    await table(page, "Recent refusals").getByText("There is nothing at this path.").first().waitFor();
    assert.equal(await page.evaluate(() => globalThis.hurt), undefined);
    assert.equal(await page.locator("img").count(), 0);
}));

for (const [width, height] of [[1280, 720], [1920, 1080], [3840, 2160], [700, 900]])
    test(`all of it fits a screen of ${width} by ${height}`, () => withPage(async page => {
        await table(page, "Workers").getByRole("row").nth(1).waitFor();
        const {wide, narrow} = await page.evaluate(() => {
            const {scrollWidth, clientWidth} = document.scrollingElement;
            return {wide: scrollWidth - clientWidth,
                narrow: [...document.querySelectorAll(".tile")].filter(t => t.scrollWidth > t.clientWidth).length};
        });
        assert.deepEqual({wide, narrow}, {wide: 0, narrow: 0});
    }, {viewport: {width, height}}));

for (const colorScheme of ["light", "dark"])
    test(`nothing serious stands in the way of anybody: ${colorScheme}`, () => withPage(async page => {
        await table(page, "Workers").getByRole("row").nth(1).waitFor();
        assert.deepEqual(await seriousFindings(page), []);
    }, {colorScheme}));

test("keys alone reach the links, the theme and every list", () => withPage(async page => {
    await table(page, "Recent refusals").getByRole("row").nth(1).waitFor();
    await page.locator("body").focus();
    const reached = [];
    for (let i = 0; i < 16; i++) {
        await page.keyboard.press("Tab");
        reached.push(await page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.id ??
            document.activeElement.textContent));
    }
    for (const name of ["Workers", "Clients", "Slowest requests of five minutes", "Recent refusals and errors", "theme"])
        assert.ok(reached.includes(name), `${name}: ${reached}`);
}));

test("the list and the viewer lead here, and back", () => withPage(async page => {
    await page.getByRole("link", {name: "Recordings"}).click();
    await page.getByRole("link", {name: "Status"}).click();
    await page.getByText(/version .*, up for/).waitFor();
    await page.goto(`${BASE}/view?recording=demo.mefd`);
    await page.getByRole("link", {name: "Status"}).click();
    await page.getByText(/version .*, up for/).waitFor();
}));

test("a page that nobody sees asks for nothing, and asks at once when it is seen", () => withPage(async page => {
    const {clock} = page;
    await clock.install();
    await page.reload();
    await table(page, "Workers").getByRole("row").nth(1).waitFor();
    let n = 0;
    page.on("request", request => (n += request.url().includes("/api/v1/status")));
    const turn = hidden => page.evaluate(is => {
        Object.defineProperty(document, "hidden", {value: is, configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    await turn(true);
    await clock.runFor(60000);
    assert.equal(n, 0);
    const asked = page.waitForRequest(/status/);
    await turn(false);
    await asked;
}));
