// HLS by the browser itself, if it has no Media Source Extensions (Safari on older iPhones).
// A Playback: see `player.js`. The browser itself chooses the quality.

import { mediaFault } from "./words.js";

export class NativePlayback extends EventTarget {
  static engine = "the browser";
  static counted = "";
  automatic = true;

  #video;

  static isSupported() {
    return document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "";
  }

  constructor(video) {
    super();
    this.#video = video;
    const changed = () => this.dispatchEvent(new Event("change"));
    for (const tracks of [video.audioTracks, video.textTracks]) {
      tracks?.addEventListener("addtrack", changed);
      tracks?.addEventListener("change", changed);
    }
    video.addEventListener("error", () =>
      this.dispatchEvent(new CustomEvent("fault", { detail: mediaFault(video.error) })),
    );
  }

  load(url) {
    this.#video.preload = "metadata";
    this.#video.src = url;
  }

  wake() {
    this.#video.preload = "auto";
  }

  qualities() {
    return [];
  }

  chooseQuality() {
    // There is no choice.
  }

  sounds() {
    return [...(this.#video.audioTracks ?? [])].map((track, id) => ({ id, name: track.label || track.language }));
  }

  get sound() {
    return [...(this.#video.audioTracks ?? [])].findIndex(({ enabled }) => enabled);
  }

  chooseSound(id) {
    [...this.#video.audioTracks].forEach((track, index) => (track.enabled = index === id));
  }

  subtitles() {
    return [...this.#video.textTracks].map((track, id) => ({ id, name: track.label || track.language }));
  }

  get chosenSubtitles() {
    const shown = [...this.#video.textTracks].findIndex(({ mode }) => mode === "showing");
    return shown < 0 ? null : shown;
  }

  chooseSubtitles(id) {
    [...this.#video.textTracks].forEach((track, index) => (track.mode = index === id ? "showing" : "disabled"));
  }

  destroy() {
    this.#video.removeAttribute("src");
    this.#video.load();
  }
}
