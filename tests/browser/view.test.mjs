// A reader's way through the pages. BASE: the daemon; EXPECTED: what the fixtures hold.
import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import {launch, openPage, seriousFindings, settled} from "./browser.mjs";

const BASE = process.env.BASE;
const EXPECTED = JSON.parse(fs.readFileSync(process.env.EXPECTED, "utf8"));
const GAPS = "golden/gaps.mefd";
const browser = await launch();
test.after(() => browser.close());

const address = parameters => `${BASE}/view?${new URLSearchParams(parameters)}`;
const UNFILTERED = {highpass: "off", lowpass: "off"};

/* One page for each test, at whose end nothing was complained of and nobody else asked. */
async function withPage(use, options) {
    const {page, context, complaints, hosts} = await openPage(browser, options);
    try {
        await use(page, context, complaints);
        /* The browser itself writes down that it was refused what is locked. */
        assert.deepEqual(complaints.filter(words => !/\(Forbidden\).*encrypted\.mefd/.test(words)), []);
        assert.deepEqual([...hosts], [new URL(BASE).host]);
    } finally {
        await context.close();
    }
}

async function open(page, parameters) {
    await page.goto(address(parameters));
    await settled(page);
}

/* What the page draws, with null for NaN: {label: [values]} */
function drawn(page) {
    return page.evaluate(() => Object.fromEntries(globalThis.mef3d.viewer.page.traces.map(trace =>
        [trace.label, Array.from(trace.values, value => (Number.isNaN(value) ? null : value))])));
}

const query = page => new URLSearchParams(new URL(page.url()).search);

async function press(page, key) {
    await page.keyboard.press(key);
    await settled(page);
}

async function choose(page, label, value) {
    await page.getByLabel(label, {exact: true}).selectOption(value);
    await settled(page);
}

test("the list: folders, search, facts of a row, and from there to the viewer", () => withPage(async page => {
    await page.goto(BASE);
    await page.getByText("8 recordings").waitFor();
    await page.getByRole("rowheader", {name: "golden"}).waitFor();
    await page.getByLabel("Search").fill("gaps");
    await page.getByText("1 recording", {exact: true}).waitFor();
    await page.getByText("256 Hz").waitFor();
    assert.deepEqual(await page.locator("td").allTextContents().then(all => all.slice(2, 6)), ["30 s", "2", "256 Hz", "3"]);
    await page.locator("td.overview canvas").waitFor();
    await page.getByRole("link", {name: "gaps.mefd"}).click();
    await settled(page);
    assert.equal(query(page).get("recording"), GAPS);
}));

test("paging by key shows the fixture's samples, to the last bit, and gaps are blank", () => withPage(async page => {
    await open(page, {recording: GAPS});
    await choose(page, "High pass", "0");
    await choose(page, "Low pass", "0");
    const pageIs = async i => {
        const values = await drawn(page);
        EXPECTED.names.forEach((name, row) => assert.deepEqual(values[name], EXPECTED.pages[i][row], `${name} ${i}`));
        assert.equal(Number(query(page).get("from")), EXPECTED.start + i * 1e7);
    };
    await pageIs(0);
    await press(page, "ArrowRight");
    await pageIs(1);
    await press(page, "ArrowRight");
    await pageIs(2);
    await press(page, "ArrowRight"); // there is no page behind the last
    await pageIs(2);
    await press(page, "ArrowLeft");
    await pageIs(1);
    await press(page, "Shift+ArrowLeft");
    assert.equal(Number(query(page).get("from")), EXPECTED.start + 9e6);
    await press(page, "End");
    await pageIs(2);
    await press(page, "Home");
    await pageIs(0);
}));

test("a gap is shaded, and no ink is in it", () => withPage(async page => {
    await open(page, {recording: GAPS, ...UNFILTERED, channel: "gappy", length: 30});
    const found = await page.evaluate(() => {
        const {viewer} = globalThis.mef3d, {page: shown} = viewer, [trace] = shown.traces;
        const canvas = document.getElementById("traces"), context = canvas.getContext("2d");
        const style = document.createElement("canvas").getContext("2d");
        const rgb = name => {
            style.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
            style.fillRect(0, 0, 1, 1);
            return [...style.getImageData(0, 0, 1, 1).data].join();
        };
        const ink = rgb("middle"), gap = rgb("gap");
        const holes = trace.holes.filter(hole => hole.end - hole.start > 5e5).map(hole => {
            const x = time => (time - shown.from) / (shown.to - shown.from) * canvas.width;
            const left = Math.ceil(x(hole.start)) + 2, right = Math.floor(x(hole.end)) - 2;
            const {data} = context.getImageData(left, 0, right - left, canvas.height - 40);
            let inked = 0, shaded = 0;
            for (let i = 0; i < data.length; i += 4) {
                const colour = [...data.slice(i, i + 4)].join();
                if (colour === ink) inked++;
                if (colour === gap) shaded++;
            }
            return {inked, share: shaded / (data.length / 4), damage: hole.damage};
        });
        return holes;
    });
    assert.ok(found.length >= 1);
    for (const hole of found) {
        assert.equal(hole.inked, 0);
        assert.ok(hole.share > 0.8, JSON.stringify(hole));
        assert.equal(hole.damage, null);
    }
}));

test("channels of different rates stand on one page", () => withPage(async page => {
    await open(page, {recording: "golden/mixed_rates.mefd", ...UNFILTERED, length: 2});
    assert.deepEqual(await drawn(page), EXPECTED.rates);
}));

test("sensitivity by key and by channel, polarity, and the value at the cursor", () => withPage(async page => {
    await open(page, {recording: GAPS, ...UNFILTERED, scale: 10});
    await page.getByText("10 µV/mm", {exact: true}).last().waitFor();
    await press(page, "ArrowUp");
    assert.equal(query(page).get("scale"), "7");
    await press(page, "u");
    assert.equal(query(page).get("up"), "positive");
    await page.getByRole("button", {name: "Channels"}).click();
    await choose(page, "Sensitivity of whole", "50");
    assert.equal(query(page).get("scale.whole"), "50");
    await page.locator("#overlay").hover({position: {x: 300, y: 100}});
    const {said, value} = await page.evaluate(() => {
        const {viewer} = globalThis.mef3d;
        return {said: document.querySelectorAll("#labels .value")[1].textContent,
            value: viewer.valueAt(viewer.page.traces[1], viewer.cursor)};
    });
    assert.notEqual(said, "–");
    assert.ok(Math.abs(Number(said.replace("−", "-")) - value) <= Math.abs(value) * 0.01 + 0.01, `${said} ${value}`);
}));

test("montages and filters; a link shows the same in a new browser", () => withPage(async page => {
    await open(page, {recording: "demo.mefd", ...UNFILTERED, from: 1705356060000000});
    const plain = await drawn(page);
    await choose(page, "Montage", "longitudinal");
    const bipolar = await drawn(page);
    assert.equal(Object.keys(bipolar).length, 18);
    assert.deepEqual(bipolar["Fp1–F7"], plain.Fp1.map((value, i) => value - plain.F7[i]));
    await choose(page, "Montage", "average");
    const average = await drawn(page);
    const mean = Object.values(plain).reduce((sum, values) => sum + values[100], 0) / 19;
    assert.ok(Math.abs(average["Cz–avg"][100] - (plain.Cz[100] - mean)) < 1e-6);
    await choose(page, "Montage", "own");
    await page.getByLabel("Own montage").fill("Fp1-O1\nnobody-Cz\nCz");
    await page.getByLabel("Own montage").blur();
    await page.getByText("not in this recording: nobody-Cz").waitFor();
    await settled(page);
    assert.deepEqual(Object.keys(await drawn(page)), ["Fp1–O1", "Cz"]);
    await choose(page, "High pass", "1");
    await choose(page, "Notch", "50");
    const here = await drawn(page);
    assert.notDeepEqual(here.Cz, plain.Cz);

    const other = await launch();
    try {
        const second = await openPage(other);
        await second.page.goto(page.url());
        await settled(second.page);
        assert.deepEqual(await drawn(second.page), here);
        assert.deepEqual(second.complaints, []);
    } finally {
        await other.close();
    }
}));

test("hostile names are texts", () => withPage(async page => {
    await open(page, {recording: "hostile.mefd", "scale.__proto__": "5"});
    assert.deepEqual((await page.locator("#labels .label").allTextContents()).sort(), [EXPECTED.hostile, "__proto__"].sort());
    await page.getByRole("button", {name: "Channels"}).click();
    await choose(page, "Montage", "reference");
    assert.equal(await page.locator("main img").count(), 0);
    assert.equal(await page.evaluate(() => globalThis.hurt), undefined);
}));

test("measuring, the spectrum, and help by the keyboard alone", () => withPage(async page => {
    await open(page, {recording: "demo.mefd"});
    await page.keyboard.press("m");
    for (let i = 0; i < 5; i++) await page.keyboard.press(">");
    await page.keyboard.press("m");
    await page.getByText(/Fp1: ΔT 4\d\d ms, 2\.\d+ Hz/).waitFor();
    await page.keyboard.press("s");
    await page.getByText(/peak .* Hz/).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", {name: "Keys"}).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.type("+60");
    await page.keyboard.press("Enter");
    await settled(page);
    assert.equal(query(page).get("from"), "1705356060000000");
}));

test("play moves the page with the clock, and stops", () => withPage(async page => {
    await open(page, {recording: "demo.mefd", scale: 10});
    const from = () => page.evaluate(() => globalThis.mef3d.viewer.state.from);
    const begin = await from();
    await page.getByLabel("Speed").selectOption("20");
    await page.getByLabel("Speed").blur();
    await page.keyboard.press(" ");
    await page.waitForFunction(start => globalThis.mef3d.viewer.state.from > start + 2e6, begin);
    await page.keyboard.press(" ");
    await page.getByRole("button", {name: "Play or pause", pressed: false}).waitFor();
    await settled(page);
    const stopped = await from();
    await page.waitForTimeout(300);
    assert.equal(await from(), stopped);
}));

test("own montages and the calibration are kept; a montage comes from a file", () => withPage(async page => {
    await open(page, {recording: "demo.mefd", ...UNFILTERED, scale: 10});
    await page.getByRole("button", {name: "Channels"}).click();
    await page.locator("input[type=file]").setInputFiles(
        {name: "mine.txt", mimeType: "text/plain", buffer: Buffer.from("# mine\nC3-C4\nFz\n")});
    await page.waitForFunction(() => globalThis.mef3d.viewer.page.traces.length === 2);
    await page.getByRole("button", {name: "Keep", exact: true}).click();
    await page.getByRole("button", {name: "Calibrate"}).click();
    await page.getByLabel("Screen pixels per mm").fill("5.5");
    assert.equal(await page.locator("#ruler").evaluate(ruler => ruler.getBoundingClientRect().width), 550);
    await page.getByRole("button", {name: "Close"}).click();
    await open(page, {recording: "demo.mefd", ...UNFILTERED, scale: 10});
    await page.getByRole("button", {name: "Channels"}).click();
    await choose(page, "Kept montages", "mine");
    assert.deepEqual(Object.keys(await drawn(page)), ["C3–C4", "Fz"]);
    assert.equal(await page.evaluate(() => localStorage.getItem("mef3d.pixelsPerMm")), "5.5");
    const saved = page.waitForEvent("download");
    await page.getByRole("button", {name: "Save as a file"}).click();
    assert.match(fs.readFileSync(await (await saved).path(), "utf8"), /C3-C4\nFz/);
}));

test("the page is saved: samples as recorded, and a picture", () => withPage(async page => {
    await open(page, {recording: GAPS, scale: 10, channel: "whole", length: 1});
    const saved = async format => {
        const waited = page.waitForEvent("download");
        await page.getByLabel("Save", {exact: true}).selectOption(format);
        return fs.readFileSync(await (await waited).path());
    };
    const lines = (await saved("csv")).toString().trim().split(/\r?\n/);
    assert.equal(lines.length, 1 + 256);
    const row = EXPECTED.names.indexOf("whole");
    lines.slice(1).forEach((line, i) =>
        assert.equal(Math.fround(Number(line.split(",")[1])), EXPECTED.pages[0][row][i], line));
    assert.equal((await saved("png")).subarray(1, 4).toString(), "PNG");
}));

test("an event is gone to from the list", () => withPage(async page => {
    await open(page, {recording: "golden/annotations.mefd", length: 2});
    await page.getByRole("button", {name: "Events"}).click();
    const events = page.locator("#side li button");
    await events.first().waitFor();
    await events.last().click();
    await settled(page);
    const {time, from, to} = await page.evaluate(() => {
        const {records, page: shown} = globalThis.mef3d.viewer;
        return {time: records.at(-1).time_uutc, from: shown.from, to: shown.to};
    });
    assert.ok(from <= time && time <= to, `${from} ${time} ${to}`);
}));

test("zoomed out to the whole recording, the envelope holds every sample", () => withPage(async page => {
    await open(page, {recording: "demo.mefd", ...UNFILTERED, length: 300});
    const values = await drawn(page);
    await press(page, "w");
    assert.equal(query(page).get("length"), "720");
    const rows = await page.evaluate(() => globalThis.mef3d.viewer.page.traces.find(t => t.label === "Cz").rows);
    const inFirst = rows.filter(row => row.end <= 1705356000000000 + 300e6);
    assert.ok(inFirst.length > 10);
    const most = Math.max(...inFirst.map(row => row.max));
    const last = (inFirst.at(-1).end - 1705356000000000) / 1e6 * 256;
    assert.equal(Math.fround(most), Math.fround(Math.max(...values.Cz.slice(0, last))));
    await press(page, "w");
    assert.equal(query(page).get("length"), "300");
}));

test("the server gone and back: it is told, and the page comes", () => withPage(async (page, context, complaints) => {
    await open(page, {recording: GAPS});
    await page.waitForLoadState("networkidle");
    await context.setOffline(true);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("End");
    await page.getByText("The server does not answer").waitFor();
    await context.setOffline(false);
    await page.getByText("The server is back.").waitFor();
    await settled(page);
    assert.equal(Number(query(page).get("from")), EXPECTED.start + 20e6);
    assert.ok(complaints.every(words => words.includes("ERR_INTERNET_DISCONNECTED")), complaints.join("\n"));
    complaints.length = 0;
}));

test("an encrypted recording without a password is explained", () => withPage(async page => {
    await page.goto(`${BASE}/?q=encrypted`);
    await page.getByText("encrypted, and the server has no password").waitFor();
    await page.goto(address({recording: "golden/encrypted.mefd"}));
    await page.locator("#where.error").waitFor();
    assert.match(await page.locator("#where").textContent(), /password|No channel/);
}));

test("damage is hatched, and says what it is when pointed at", () => withPage(async page => {
    await open(page, {recording: "golden/damaged.mefd", ...UNFILTERED, length: 30, channel: "whole"});
    await page.waitForFunction(() => globalThis.mef3d.viewer.availability.groups !== null);
    const {holes, nans} = await page.evaluate(() => {
        const [trace] = globalThis.mef3d.viewer.page.traces;
        return {holes: trace.holes, nans: trace.values.reduce((n, value) => n + Number.isNaN(value), 0)};
    });
    assert.ok(nans > 0 && nans < 7680, String(nans));
    assert.equal(holes.length, 1);
    const {x, y} = await page.evaluate(hole => {
        const {from, to} = globalThis.mef3d.viewer.page, box = document.getElementById("overlay").getBoundingClientRect();
        return {x: box.x + ((hole.start + hole.end) / 2 - from) / (to - from) * box.width, y: box.y + 100};
    }, holes[0]);
    await page.mouse.move(x, y);
    await page.getByText(/^Damage: /).waitFor();
    assert.match(await page.locator("#hint").textContent(), /whole.*(block|checksum|CRC)/i);
}));

test("over a slow link, what is shown is asked for, and times are told", () => withPage(async (page, context) => {
    const client = await context.newCDPSession(page);
    const asked = [];
    page.on("request", request => {
        const {pathname, searchParams} = new URL(request.url());
        if (pathname.endsWith("/samples")) asked.push((searchParams.get("to") - searchParams.get("from")) / 1e6);
    });
    await client.send("Network.enable");
    await client.send("Network.emulateNetworkConditions",
        {offline: false, latency: 150, downloadThroughput: 2e6 / 8, uploadThroughput: 1e6 / 8});
    const timed = async use => {
        const begin = performance.now();
        await use();
        await settled(page);
        return `${Math.round(performance.now() - begin)} ms`;
    };
    const from = 1705356060000000;
    const first = await timed(() => page.goto(address({recording: "demo.mefd", from, scale: 10})));
    const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
    await page.waitForLoadState("networkidle");
    const shown = asked.splice(0).reduce((sum, s) => sum + s, 0);
    assert.ok(shown <= 10 + 10 + 8, `${shown} s`); // the page, the next one, and the lead-in
    const next = await timed(() => page.keyboard.press("ArrowRight"));
    await page.waitForLoadState("networkidle");
    assert.ok(asked.reduce((sum, s) => sum + s, 0) <= 12, asked.join());
    const far = await timed(() => page.keyboard.press("End"));
    console.log(`2 Mbit/s, 150 ms: first paint ${Math.round(paint)} ms, first page ${first}, ` +
        `next page ${next}, a page not fetched before ${far}`);
}));

for (const colorScheme of ["light", "dark"])
    test(`axe finds nothing serious, ${colorScheme}`, () => withPage(async page => {
        for (const url of [BASE, address({recording: "demo.mefd"}), "panes"]) {
            if (url !== "panes") await page.goto(url);
            if (url === BASE) await page.getByText("8 recordings").waitFor();
            else {
                await settled(page);
                if (url === "panes") for (const pane of ["Spectrum", "Events", "Channels"])
                    await page.getByRole("button", {name: pane}).click();
            }
            assert.deepEqual(await seriousFindings(page), [], url);
        }
    }, {colorScheme}));

test("a month of 64 channels: days on the axis, gaps and damage, and from there to ten seconds by wheel and keys", () => withPage(async page => {
    await page.addInitScript(() => {
        globalThis.drawn = new Set();
        const fillText = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (words, ...rest) {
            globalThis.drawn.add(words);
            return fillText.call(this, words, ...rest);
        };
    });
    await open(page, {recording: "month.mefd", length: 30 * 86400, scale: 50});
    const shown = await page.evaluate(() => {
        const {traces} = globalThis.mef3d.viewer.page;
        const day = hole => [(hole.start - globalThis.mef3d.viewer.start) / 864e8, (hole.end - hole.start) / 864e8];
        const rows = traces[0].rows.filter(row => row.kind === 0);
        return {n: traces.length, least: Math.min(...rows.map(row => row.min)), most: Math.max(...rows.map(row => row.max)),
            holes: traces[0].holes.map(day), damaged: traces[2].holes.filter(hole => hole.damage),
            words: [...globalThis.drawn]};
    });
    assert.equal(shown.n, 64);
    assert.deepEqual([shown.least, shown.most], [EXPECTED.month.least, EXPECTED.month.most]);
    assert.deepEqual(shown.holes.map(([at, days]) => [Math.round(at * 864), Math.round(days * 864)]),
        [[2600, 1728], [15000, 36]]);
    for (const words of [/^2024-01-\d\d$/, /^\+\d+ d$/])
        assert.ok(shown.words.filter(one => words.test(one)).length > 5, `${words}: ${shown.words}`);
    assert.ok(!shown.words.some(one => /\+\d\d+:00:00/.test(one)), "hours in place of days");

    /* Damage says what it is, here too. */
    assert.ok(shown.damaged.length >= 1);
    const box = await page.locator("#overlay").boundingBox();
    const place = await page.evaluate(hole => {
        const {start, end} = globalThis.mef3d.viewer;
        return {share: ((hole.start + hole.end) / 2 - start) / (end - start), lanes: 64};
    }, shown.damaged[0]);
    await page.mouse.move(box.x + place.share * box.width, box.y + (box.height - 34) * 2.5 / place.lanes);
    await page.getByText(/^Damage: .*C2.*(block|checksum|CRC)/i).waitFor();
    await page.getByText(/cursor 2024-01-\d\d \d\d:\d\d/).waitFor();

    /* By the wheel to a day and by keys to ten seconds: the time pointed at stays under the pointer. */
    const time = await page.evaluate(() => globalThis.mef3d.viewer.cursor);
    const length = () => Number(query(page).get("length") ?? 10);
    for (let i = 0; length() > 86400 && i < 5; i++) {
        const before = length();
        await page.mouse.wheel(0, -100);
        await page.waitForFunction(longer => globalThis.mef3d.viewer.state.length < longer, before);
        await settled(page);
    }
    assert.equal(length(), 86400);
    for (let i = 0; length() > 10 && i < 20; i++) await press(page, "[");
    assert.equal(length(), 10);
    const {from, to, isEnvelope} = await page.evaluate(() => globalThis.mef3d.viewer.page);
    assert.ok(!isEnvelope && from <= time && time <= to);
    for (let i = 0; length() < 30 * 86400 && i < 20; i++) await press(page, "]");
    assert.equal(length(), 30 * 86400);
}));

for (const [width, height] of [[1280, 720], [3840, 2160]])
    test(`a month fits a screen of ${width} x ${height}`, () => withPage(async page => {
        await open(page, {recording: "month.mefd", length: 30 * 86400, scale: 50});
        const found = await page.evaluate(() => ({
            columns: Math.max(...globalThis.mef3d.viewer.page.traces.map(trace => trace.rows.length)),
            width: document.getElementById("traces").clientWidth,
            isWider: document.documentElement.scrollWidth > innerWidth,
            isHigher: document.documentElement.scrollHeight > innerHeight,
            strip: document.getElementById("strip").getBoundingClientRect().bottom <= innerHeight,
        }));
        assert.ok(found.width > width * 0.8 && found.columns <= found.width + 1, JSON.stringify(found));
        assert.ok(found.columns > found.width * 0.8, "as fine as the screen");
        assert.deepEqual([found.isWider, found.isHigher, found.strip], [false, false, true]);
    }, {viewport: {width, height}}));
