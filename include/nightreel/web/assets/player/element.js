// Creates elements, in one line each.

/**
 * Creates an element. Properties are attributes, except `on`, an object of listeners; null, undefined and
 * false omit an attribute. Children are nodes or text.
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  const { on = {}, ...rest } = attributes;
  for (const [attribute, value] of Object.entries(rest)) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(attribute, value === true ? "" : value);
  }
  for (const [event, listener] of Object.entries(on)) made.addEventListener(event, listener);
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

// Drawn on a grid of 24 units; those in FILLED as areas, the others as lines.
const PATHS = {
  play: "M8 5.5v13l11-6.5z",
  pause: "M7 5.5h3.5v13H7zM13.5 5.5H17v13h-3.5z",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  muted: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  captions: "M4 5.5h16v13H4zM10.5 10.6a2 2 0 1 0 0 2.8M17 10.6a2 2 0 1 0 0 2.8",
  language: "M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0M3.5 12h17M12 3.5c5 5.2 5 11.8 0 17-5-5.2-5-11.8 0-17",
  quality: "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h9M17 17h3M15 15v4",
  speed: "M12 13.5l4-4.5M4.7 17.5a9 9 0 1 1 14.6 0",
  enlarge: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  reduce: "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
};
const FILLED = new Set(["play", "pause"]);

/** An icon for a button that has a label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("player-icon", FILLED.has(name) ? "is-filled" : "is-lined");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
