// How many CSS pixels are a millimetre of this screen: browsers do not know, so it is asked.
import {byId, el, labelled} from "./dom.js";
import {text} from "./texts.js";
import {keep, kept} from "./theme.js";

const KEY = "mef3d.pixelsPerMm";
const BY_DEFAULT = 96 / 25.4;
let pixels = null;

export function millimetre() {
    if (pixels === null) {
        const value = Number(kept(KEY));
        pixels = value >= 1 && value <= 40 ? value : BY_DEFAULT;
    }
    return pixels;
}

export function openCalibration(onchange) {
    const ruler = el("div", {id: "ruler"});
    const input = el("input", {type: "number", min: 1, max: 40, step: 0.01, value: millimetre().toFixed(2)});
    const draw = () => (ruler.style.width = `${100 * millimetre()}px`);
    input.oninput = () => {
        const value = Number(input.value);
        if (!(value >= 1 && value <= 40)) return;
        pixels = value;
        keep(KEY, value);
        draw();
        onchange();
    };
    const dialog = el("dialog", {ariaLabel: text("calibrate"), onclose: () => dialog.remove()},
        el("h2", {}, text("calibrate")), el("p", {}, text("calibrateText")), ruler,
        labelled(text("calibrateMm"), input),
        el("p", {}, el("button", {onclick: () => dialog.close()}, text("close"))));
    byId("dialogs").append(dialog);
    draw();
    dialog.showModal();
}
