// The seek bar: the playing position, what is buffered, and where a seek would lead.

import { element } from "./element.js";
import { SeekPreview } from "./seek_preview.js";
import { clock, spoken } from "./words.js";

const STEP_SECONDS = 5;
const LEAP = 0.1;

export class SeekBar {
  #video;
  #fallback;
  #seek;
  #buffered = element("div", { class: "seek-buffered", "aria-hidden": "true" });
  #played = element("div", { class: "seek-played" });
  #thumb = element("div", { class: "seek-thumb" });
  #dragged = null;

  /** `duration` in seconds, until the media has its own; `seek(seconds)` goes there. */
  constructor(video, { duration, sprites, seek }) {
    this.#video = video;
    this.#fallback = duration;
    this.#seek = seek;
    this.preview = new SeekPreview(sprites);
    this.slider = element(
      "div",
      { class: "seek", role: "slider", tabindex: "0", "aria-label": "Seek", "aria-valuemin": "0" },
      element("div", { class: "seek-track" }, this.#buffered, this.#played),
      this.#thumb,
      this.preview.bubble,
    );
    this.#listen();
    this.update();
  }

  get duration() {
    return Number.isFinite(this.#video.duration) ? this.#video.duration : this.#fallback;
  }

  update() {
    const time = this.#dragged ?? this.#video.currentTime;
    const share = this.duration ? Math.min(time / this.duration, 1) : 0;
    this.#played.style.transform = `scaleX(${share})`;
    this.#thumb.style.left = `${share * 100}%`;
    this.slider.setAttribute("aria-valuemax", Math.round(this.duration));
    this.slider.setAttribute("aria-valuenow", Math.round(time));
    this.slider.setAttribute("aria-valuetext", `${spoken(time)} of ${spoken(this.duration)}`);
    this.#drawBuffered();
  }

  #drawBuffered() {
    const { buffered } = this.#video;
    while (this.#buffered.children.length > buffered.length) this.#buffered.lastChild.remove();
    while (this.#buffered.children.length < buffered.length) this.#buffered.append(document.createElement("i"));
    [...this.#buffered.children].forEach((range, index) => {
      const [start, end] = [buffered.start(index), buffered.end(index)].map((time) => (time / this.duration) * 100);
      range.style.left = `${start}%`;
      range.style.width = `${end - start}%`;
    });
  }

  #listen() {
    const { slider } = this;
    slider.addEventListener("pointermove", (event) => this.#point(event));
    slider.addEventListener("pointerleave", () => this.#dragged === null && this.preview.hide());
    slider.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      slider.setPointerCapture(event.pointerId);
      this.#dragged = this.#timeAt(event);
      this.#point(event);
    });
    slider.addEventListener("pointerup", () => this.#drop(true));
    slider.addEventListener("pointercancel", () => this.#drop(false));
    slider.addEventListener("keydown", (event) => this.#key(event));
    slider.addEventListener("blur", () => this.preview.hide());
  }

  #timeAt({ clientX }) {
    const { left, width } = this.slider.getBoundingClientRect();
    return Math.min(Math.max((clientX - left) / width, 0), 1) * this.duration;
  }

  #point(event) {
    const time = this.#timeAt(event);
    this.preview.show(time, time / this.duration);
    if (this.#dragged === null) return;
    this.#dragged = time;
    this.update();
  }

  #drop(seeks) {
    if (this.#dragged === null) return;
    if (seeks) this.#seek(this.#dragged);
    this.#dragged = null;
    this.preview.hide();
    this.update();
  }

  // Up and down change the volume (see keyboard.js); the other keys move along the bar.
  #key(event) {
    const from = this.#video.currentTime;
    const to = {
      ArrowLeft: from - STEP_SECONDS,
      ArrowRight: from + STEP_SECONDS,
      PageDown: from - LEAP * this.duration,
      PageUp: from + LEAP * this.duration,
      Home: 0,
      End: this.duration,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const time = Math.min(Math.max(to, 0), this.duration);
    this.#seek(time);
    this.preview.show(time, time / this.duration);
  }

  /** The playing position and the duration, as a clock shows them. */
  get label() {
    return `${clock(this.#dragged ?? this.#video.currentTime)} / ${clock(this.duration)}`;
  }
}
