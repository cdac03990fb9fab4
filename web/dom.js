// Elements without HTML in strings: every text goes in as a text, for names are hostile.

/** el("button", {className, onclick, ariaLabel, dataset: {…}}, "text", child, …) */
export function el(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name === "dataset") Object.assign(made.dataset, value);
        else if (name === "role") made.setAttribute("role", value);
        else if (name === "for") made.htmlFor = value;
        else made[name] = value;
    }
    made.append(...children.filter(child => child !== null && child !== undefined));
    return made;
}

export function byId(id) {
    return document.getElementById(id);
}

let nLabelled = 0;

/** A control behind its <label>: beside it, for a label's words are all that is in it. */
export function labelled(words, control) {
    if (!control.id) control.id = `control-${++nLabelled}`;
    return el("span", {className: "labelled"}, el("label", {for: control.id}, words), control);
}

/** A <select>; options: [value, words]. */
export function select(options, value, onchange) {
    const made = el("select", {onchange: () => onchange(made.value)},
        ...options.map(([v, words]) => el("option", {value: v}, words)));
    made.value = String(value);
    return made;
}

/** Make a canvas as sharp as the screen; returns its context, scaled to CSS pixels. */
export function sharpen(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
    }
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return {context, width, height, ratio};
}

/** The colours of the theme, as the style sheet has them. */
export function colours() {
    const style = getComputedStyle(document.documentElement);
    const of = name => style.getPropertyValue(`--${name}`).trim();
    return {ink: of("ink"), paper: of("paper"), faint: of("faint"), line: of("line"), strong: of("strong"),
        left: of("left"), right: of("right"), middle: of("middle"), gap: of("gap"), damage: of("damage"),
        mark: of("mark"), event: of("event"), accent: of("accent")};
}
