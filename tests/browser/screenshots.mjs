// The pictures of the docs: each page, light and dark. BASE: a daemon with a demo; argument: the folder.
import path from "node:path";

import {launch, openPage, settled} from "./browser.mjs";

const [folder] = process.argv.slice(2);
const view = parameters => `/view?${new URLSearchParams({recording: "demo.mefd", ...parameters})}`;
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

const browser = await launch();
try {
    for (const colorScheme of ["light", "dark"])
        for (const [name, address, prepare] of PICTURES) {
            const {page, context} = await openPage(browser, {colorScheme, deviceScaleFactor: 1});
            await page.goto(process.env.BASE + address);
            if (address !== "/") await settled(page);
            await prepare(page);
            await page.waitForLoadState("networkidle");
            await page.screenshot({path: path.join(folder, `${name}-${colorScheme}.png`)});
            await context.close();
        }
} finally {
    await browser.close();
}
