// One upload's line: its name, its progress, and its buttons.

import { percent } from "./progress_words.js";

const SMOOTHING = 0.25;
const template = document.getElementById("upload-line");

/** `state`: waiting, sending, paused, failed or finished. */
export class UploadLine {
  constructor(list, title, { onPause, onResume, onRemove }) {
    this.element = template.content.cloneNode(true).firstElementChild;
    this.words = this.element.querySelector(".upload-words");
    this.bar = this.element.querySelector("progress");
    this.element.querySelector(".upload-name").textContent = title;
    this.bar.setAttribute("aria-label", `Upload of ${title}`);
    this.#wire("pause", `Pause the upload of ${title}`, onPause);
    this.#wire("resume", `Resume the upload of ${title}`, onResume);
    this.#wire("remove", `Remove ${title} from the list`, onRemove);
    this.wait();
    list.append(this.element);
  }

  wait() {
    this.#become("waiting", "Waiting");
  }

  begin() {
    this.last = null;
    this.speed = 0;
    this.#become("sending", "Reading the file");
  }

  /** Takes uploadFile's progress: the phase, and how many of all bytes are done. */
  show({ phase, sent, total }) {
    if (this.state !== "sending") return;
    const share = total ? sent / total : 1;
    const figure = percent(share * 100);
    this.bar.value = share;
    if (phase === "sending") this.words.textContent = [figure, ...this.#pace(sent, total)].join(" · ");
    else this.words.textContent = phase === "hashing" ? `Reading the file: ${figure}` : "Checking what arrived";
  }

  pause() {
    this.#become("paused", `Paused at ${percent(this.bar.value * 100)}`);
  }

  fail(error) {
    this.#become("failed", `Stopped: ${error.message}`);
  }

  /** `queued`: whether its conversion is queued, rather than left to the night. */
  finish(queued) {
    this.bar.value = 1;
    this.#become("finished", queued ? "Uploaded, and queued for conversion" : "Uploaded; the next night converts it");
  }

  remove() {
    this.element.remove();
  }

  #become(state, words) {
    this.state = state;
    this.element.dataset.state = state;
    this.words.textContent = words;
    this.#button("pause").hidden = state !== "sending";
    this.#button("resume").hidden = state !== "paused" && state !== "failed";
  }

  #button(name) {
    return this.element.querySelector(`[data-do=${name}]`);
  }

  #wire(name, label, onClick) {
    this.#button(name).setAttribute("aria-label", label);
    this.#button(name).title = label;
    this.#button(name).addEventListener("click", onClick);
  }

  /** The smoothed speed, and the time left at that speed. */
  #pace(sent, total) {
    const now = performance.now();
    if (this.last && sent > this.last.sent) {
      const measured = ((sent - this.last.sent) / (now - this.last.at)) * 1000;
      this.speed = this.speed ? this.speed + SMOOTHING * (measured - this.speed) : measured;
    }
    if (!this.last || sent > this.last.sent) this.last = { sent, at: now };
    if (!this.speed) return [];
    return [`${(this.speed / 1e6).toFixed(1)} MB/s`, `${length((total - sent) / this.speed)} left`];
  }
}

function length(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
