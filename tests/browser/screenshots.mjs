// The pictures of the docs: each page, light and dark. BASE: a daemon with a demo; argument: the folder.
import path from "node:path";

import {launch, openPage, settled} from "./browser.mjs";

const [folder] = process.argv.slice(2);
const view = parameters => `/view?${new URLSearchParams({recording: "demo.mefd", ...parameters})}`;
/* So that the last five minutes have something to show. */
const LOAD_MS = 240000;
const SEIZURE = {from: 1705356180000000};

const PICTURES = [
    ["list", "/", async page => page.locator("td.overview canvas").first().waitFor()],
    ["page", view({from: 1705356060000000}), async page => page.locator("#overlay").hover({position: {x: 400, y: 200}})],
    ["montage", view({...SEIZURE, montage: "longitudinal"}), async page => {
        await page.keyboard.press("m");
        for (let i = 0; i < 15; i++) await page.keyboard.press(">");
        await page.keyboard.press("m");
        await page.keyboard.press("s");
    }],
    ["whole", view({length: 720, scale: 50}), async () => {}],
    ["month", view({recording: "month.mefd", length: 30 * 86400, scale: 200}),
        async page => page.locator("#overlay").hover({position: {x: 700, y: 300}})],
];

/* Readers who page through recordings, from somewhere on, at their own pace; till they are told
 * that it is over. */
async function read(recording, seconds, pause, over) {
    const api = `${process.env.BASE}/api/v1`;
    const {start_uutc: start, end_uutc: end} = await (await fetch(`${api}/metadata?recording=${recording}`)).json();
    for (let at = start; !over.aborted; at = at + 2e6 * seconds < end ? at + 1e6 * seconds : start) {
        const window = new URLSearchParams({recording, from: at, to: at + 1e6 * seconds});
        await (await fetch(`${api}/samples?${window}`)).arrayBuffer();
        await new Promise(done => setTimeout(done, pause * (0.5 + Math.random())));
    }
}

async function picture(colorScheme, name, address, prepare) {
    const {page, context} = await openPage(browser, {colorScheme, deviceScaleFactor: 1});
    await page.goto(process.env.BASE + address);
    await prepare(page);
    await page.screenshot({path: path.join(folder, `${name}-${colorScheme}.png`)});
    await context.close();
}

const browser = await launch();
const over = new AbortController();
const readers = [["demo.mefd", 10, 150], ["night/monday.mefd", 60, 400], ["night/tuesday.mefd", 30, 900]]
    .map(reader => read(...reader, over.signal));
try {
    await new Promise(done => setTimeout(done, LOAD_MS));
    for (const colorScheme of ["light", "dark"])
        await picture(colorScheme, "status", "/status", async page => {
            await page.setViewportSize({width: 1280, height: 1080});
            await page.locator(".scroll tbody tr").nth(8).waitFor();
        });
    over.abort();
    await Promise.all(readers);
    for (const colorScheme of ["light", "dark"])
        for (const [name, address, prepare] of PICTURES)
            await picture(colorScheme, name, address, async page => {
                if (address !== "/") await settled(page);
                await prepare(page);
                await page.waitForLoadState("networkidle");
            });
} finally {
    over.abort();
    await browser.close();
}
