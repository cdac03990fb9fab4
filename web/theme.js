// Light or dark: as the system has it, or as chosen here, which is kept.
import {labelled, select} from "./dom.js";
import {text} from "./texts.js";

const KEY = "mef3d.theme";

/* A browser may refuse to keep anything; then it is as the system has it. */
export function keep(key, value) {
    try {
        localStorage.setItem(key, value);
    } catch {
        return false;
    }
    return true;
}

export function kept(key) {
    try {
        return localStorage.getItem(key);
    } catch {
        return null;
    }
}

/** A control for the page's head (short: without words before it); `onchange` is told, for
 * canvases are to be painted anew. */
export function themeControl(onchange, isShort = false) {
    const root = document.documentElement;
    const use = theme => {
        if (theme === "light" || theme === "dark") root.dataset.theme = theme;
        else delete root.dataset.theme;
        onchange();
    };
    const control = select([["auto", text("themeAuto")], ["light", text("themeLight")], ["dark", text("themeDark")]],
        kept(KEY) ?? "auto", theme => {
            keep(KEY, theme);
            use(theme);
        });
    control.id = "theme";
    if (control.value === "") control.value = "auto";
    use(control.value);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onchange);
    if (isShort) control.ariaLabel = text("theme");
    return isShort ? control : labelled(text("theme"), control);
}
