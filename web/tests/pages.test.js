// What the pages name is there: modules, their preloads, the list of what is part of the server.
import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

const WEB = new URL("../", import.meta.url);
const read = name => fs.readFileSync(new URL(name, WEB), "utf8");
const found = (text, pattern) => [...text.matchAll(pattern)].map(match => match[1]);

function closure(name, seen = new Set()) {
    for (const one of found(read(name), /from "\.\/([\w.]+)"/g))
        if (!seen.has(one)) closure(one, seen.add(one));
    return seen;
}

for (const [page, script] of [["index.html", "list.js"], ["view.html", "view.js"], ["status.html", "status.js"]])
    test(`${page} says at once which modules it will need, so that they come together`, () => {
        assert.deepEqual(found(read(page), /modulepreload" href="\/static\/([\w.]+)"/g), [...closure(script)].sort());
    });

test("all that is here is part of the server, and no page has script or style within", () => {
    const here = fs.readdirSync(WEB).filter(name => /\.(js|css|html|svg)$/.test(name) && name !== "eslint.config.js");
    const listed = found(read("meson.build"), /^ {2}'([\w.]+)',$/gm);
    assert.deepEqual(listed.filter(name => name !== "openapi.json"), here.sort());
    for (const name of here.filter(one => one.endsWith(".html")))
        assert.ok(!/<script(?![^>]*src=)|<style|style=|\son\w+=/.test(read(name)), name);
});

test("every text that is asked for is in the table, and every text of the table is asked for", () => {
    const table = found(read("texts.js"), /^ {8}(\w+): /gm);
    const code = fs.readdirSync(WEB).filter(name => name.endsWith(".js") && name !== "texts.js").map(read).join("\n");
    const asked = new Set(found(code, /"(\w+)"/g));
    const composed = ["column", "montage_", "key_", "save_", "memory_", "state_", "where_"];
    for (const key of found(code, /\btext\("(\w+)"/g)) assert.ok(table.includes(key), `${key} has no text`);
    for (const key of table)
        assert.ok(asked.has(key) || composed.some(start => key.startsWith(start)), `${key} is not asked for`);
});
