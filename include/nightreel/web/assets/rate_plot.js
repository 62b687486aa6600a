// The plot of the bit rates: each rendition's rate at the pointer's time, and the position of the players.
// A click, or Enter, sends them there (event `pick`, detail in seconds).

import { element } from "./player/element.js";
import { clock, rate } from "./player/words.js";

const KEY_STEPS = 40;
const MILLISECONDS = 1000;
const AWAY = -9;

export class RatePlot extends EventTarget {
  #svg;
  #readout;
  #lines;
  #seconds;
  #time = null;

  constructor(figure) {
    super();
    this.#seconds = Number(figure.dataset.seconds);
    this.#svg = figure.querySelector(".plot-area");
    this.#readout = figure.querySelector(".readout");
    this.#lines = [...figure.querySelectorAll("path.line")].reverse().map(({ dataset }) => ({
      label: dataset.label,
      series: dataset.series,
      points: JSON.parse(dataset.points),
    }));
    this.#listen();
  }

  /** Marks the playing position. */
  mark(seconds) {
    this.#place(".playhead", seconds);
  }

  #listen() {
    this.#svg.addEventListener("pointermove", (event) => this.#point(this.#timeAt(event)));
    this.#svg.addEventListener("pointerleave", () => this.#point(null));
    this.#svg.addEventListener("blur", () => this.#point(null));
    this.#svg.addEventListener("click", (event) => this.#pick(this.#timeAt(event)));
    this.#svg.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter" && this.#time !== null) this.#pick(this.#time);
    if (!step) return;
    event.preventDefault();
    const time = (this.#time ?? 0) + (step * this.#seconds) / KEY_STEPS;
    // Rounded to the millisecond, because sums of fractions fall short of a whole second.
    this.#point(Math.round(Math.min(Math.max(time, 0), this.#seconds) * MILLISECONDS) / MILLISECONDS);
  }

  #pick(seconds) {
    this.dispatchEvent(new CustomEvent("pick", { detail: seconds }));
  }

  #timeAt({ clientX }) {
    const box = this.#svg.getBoundingClientRect();
    return Math.min(Math.max((clientX - box.left) / box.width, 0), 1) * this.#seconds;
  }

  #point(seconds) {
    this.#time = seconds;
    this.#place(".cursor", seconds);
    if (seconds === null) {
      this.#readout.replaceChildren();
      return;
    }
    const shown = this.#lines.map(({ label, series, points }) => {
      const found = points.find(([start, end]) => start <= seconds && seconds <= end);
      const words = `${label} ${found ? rate(found[2]) : "–"}`;
      return element("span", {}, element("i", { class: `swatch series-${series}` }), words);
    });
    this.#readout.replaceChildren(element("b", {}, clock(seconds)), ...shown);
  }

  #place(selector, seconds) {
    const { width } = this.#svg.viewBox.baseVal;
    const x = seconds === null ? AWAY : (width * seconds) / this.#seconds;
    const line = this.#svg.querySelector(selector);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  }
}
