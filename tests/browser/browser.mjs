// Debian's Chromium, as the tests of pages and the screenshots use it; nothing from the network.
import fs from "node:fs";
import {createRequire} from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.MODULES, "x.js"));
const {chromium} = require("playwright-core");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
/* A slow machine is no error; this ends only what hangs. */
export const PATIENCE_MS = 60000;

export function launch() {
    return chromium.launch({executablePath: CHROMIUM, args: FLAGS, timeout: PATIENCE_MS});
}

/** A page whose complaints and requests are written down: {page, complaints, hosts}. */
export async function openPage(browser, options = {}) {
    const context = await browser.newContext({viewport: {width: 1280, height: 720}, ...options});
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints = [], hosts = new Set();
    page.on("console", message => {
        if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", error => complaints.push(String(error.stack)));
    page.on("request", request => hosts.add(new URL(request.url()).host));
    return {page, context, complaints, hosts};
}

/** What axe has against the page that is serious: [rule, elements]. */
export async function seriousFindings(page) {
    await page.evaluate(AXE);
    const {violations} = await page.evaluate(() => globalThis.axe.run());
    return violations.filter(v => ["serious", "critical"].includes(v.impact))
        .map(v => [v.id, v.nodes.map(n => n.html)]);
}

/** Waits until the viewer shows the page that its address names. */
export async function settled(page) {
    await page.waitForFunction(() => {
        const viewer = globalThis.mef3d?.viewer;
        return viewer && !viewer.isLoading && (viewer.error || (viewer.page && viewer.page.from === viewer.state.from));
    });
}
