// A page whose server ends and comes back. Says what it sees, a word a line; is told what is done.
import readline from "node:readline";

import {launch, openPage, settled} from "./browser.mjs";

const told = readline.createInterface({input: process.stdin})[Symbol.asyncIterator]();
const browser = await launch();
try {
    const {page} = await openPage(browser);
    const query = new URLSearchParams({recording: "demo.mefd", scale: 10});
    await page.goto(`${process.env.BASE}/view?${query}`);
    await settled(page);
    await page.waitForLoadState("networkidle");
    console.log("open");
    await told.next();
    await page.keyboard.press("End");
    await page.getByText("The server does not answer").waitFor();
    console.log("told");
    await told.next();
    await page.getByText("The server is back.").waitFor();
    await settled(page);
    const {from, to, n} = await page.evaluate(() => {
        const {page: shown, end} = globalThis.mef3d.viewer;
        return {from: shown.from, to: shown.to - end, n: shown.traces[0].values.filter(Number.isFinite).length};
    });
    console.log(from && to === 0 && n === 2560 ? "shown" : `${from} ${to} ${n}`);
} finally {
    await browser.close();
}
process.exit(0);
