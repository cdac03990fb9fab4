// The page /status, whose server ends and comes back. Says what it sees, a word a line; is told
// what is done.
import readline from "node:readline";

import {launch, openPage} from "./browser.mjs";

const told = readline.createInterface({input: process.stdin})[Symbol.asyncIterator]();
const browser = await launch();
try {
    const {page} = await openPage(browser);
    await page.goto(`${process.env.BASE}/status`);
    await page.getByText("All is well.").waitFor();
    console.log("open");
    await told.next();
    await page.getByText("The server has not answered since").waitFor();
    console.log("told");
    await told.next();
    await page.getByText("The server is back.").waitFor();
    await page.getByText("All is well.").waitFor();
    console.log(await page.locator("main.stale").count() === 0 ? "shown" : "stale");
} finally {
    await browser.close();
}
process.exit(0);
