// One stream in one player. Times are seconds of the stream. A wait ends when the player reports an
// error, or after `patience` seconds of the clock; what is thrown then says what did not happen.

import { adapterOf } from "./adapters.js";

const buffers = [];
const addSourceBuffer = MediaSource.prototype.addSourceBuffer;
// The element's own `buffered` is the intersection of picture and sound: it hides which one is short.
MediaSource.prototype.addSourceBuffer = function (type) {
  const buffer = addSourceBuffer.call(this, type);
  buffers.push({ kind: type.split("/")[0], source: this, buffer });
  return buffer;
};

export class Playback {
  #frames = [];
  #errors = [];

  constructor(player, patience) {
    this.name = player;
    this.patience = patience;
    this.video = document.getElementById("video");
    this.video.addEventListener("error", () =>
      this.#report(`media element: ${this.video.error.code} ${this.video.error.message}`),
    );
    window.addEventListener("error", ({ message }) => this.#report(`page: ${message}`));
    window.addEventListener("unhandledrejection", ({ reason }) => this.#report(`page: ${reason}`));
    this.#watchFrames();
  }

  /** Resolves with the media time of the first frame shown; nothing plays yet. */
  async load(url, bufferSeconds, licenseUrl, textLanguage) {
    const report = (text) => this.#report(text);
    this.player = await adapterOf(this.name, this.video, bufferSeconds, report, licenseUrl, textLanguage);
    let isLoaded = false;
    this.player.load(url).then(() => (isLoaded = true), (error) => this.#report(`${error.code ?? ""} ${error.message}`));
    await this.#until("the manifest is loaded", () => isLoaded);
    await this.#until("a first frame is shown", () => this.#frames.length > 0);
    return this.#frames[0].time;
  }

  variants() {
    return this.player.variants();
  }

  subtitles() {
    return this.player.subtitles();
  }

  /** Shows some of the subtitles and plays from `time` on; resolves with the first that they say. */
  async subtitlesFrom(index, time) {
    await this.seek(time);
    // In this order, because dash.js forgets subtitles whose load a seek interrupts.
    this.player.showSubtitles(index);
    const shown = () => [...this.video.textTracks].filter(({ mode }) => mode === "showing");
    const cues = () => shown().flatMap(({ activeCues }) => [...activeCues]);
    // Not every player lays out cues while it is paused.
    await this.video.play();
    await this.#until(`subtitles are shown after ${time} s`, () => cues().length > 0);
    this.video.pause();
    return cues().map(({ text }) => text);
  }

  facts() {
    const quality = this.video.getVideoPlaybackQuality();
    return {
      duration: this.video.duration,
      errors: this.#errors,
      soundDecoded: this.video.webkitAudioDecodedByteCount > 0,
      framesDropped: quality.droppedVideoFrames,
      framesTotal: quality.totalVideoFrames,
    };
  }

  /** Switches to a variant and plays it from the start until `seconds` of it were shown. */
  async playVariant(index, seconds) {
    const { width, height } = this.variants()[index];
    const isWanted = (frame) => frame.width === width && frame.height === height;
    const named = `variant ${index} (${width}×${height})`;
    this.video.pause();
    this.player.select(index);
    await this.#until(`${named} is in use`, () => this.player.current() === index && this.#mayPlay());
    // Without a seek, the decoder would stay with the frames of the old variant up to the next keyframe.
    this.video.currentTime = 0;
    await this.#until(`${named} may start`, () => this.#mayPlay());
    this.#frames = [];
    await this.video.play();
    await this.#until(`${seconds} s of ${named} are shown`, () => {
      // A title as short as a second may end before the switch is seen.
      if (this.video.ended) this.#replay();
      return this.player.current() === index && span(this.#frames.filter(isWanted)) >= seconds;
    });
    this.video.pause();
    const shown = this.#frames.filter(isWanted);
    return { width: shown[0].width, height: shown[0].height, advanced: span(shown) };
  }

  /** Seeks while paused; resolves with the media time of the frame that is shown then. */
  async seek(time) {
    this.video.pause();
    await this.#until("a seek may begin", () => !this.video.seeking);
    this.#frames = [];
    this.video.currentTime = time;
    await this.#until(`a frame is shown after seeking to ${time} s`, () => {
      return !this.video.seeking && this.#frames.length > 0;
    });
    return this.#frames.at(-1).time;
  }

  /** The number that the frame now shown has in its first lines: 12 squares, the lowest bit first. */
  shownNumber() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.drawImage(this.video, 0, 0);
    const side = width / 12;
    const bits = Array.from({ length: 12 }, (_, bit) => {
      return context.getImageData(Math.floor((bit + 0.5) * side), Math.floor(side / 2), 1, 1).data[1] > 127;
    });
    return bits.reduce((number, isSet, bit) => number + (isSet ? 2 ** bit : 0), 0);
  }

  /** Plays the last `seconds`; resolves with the time at which playback ended. */
  async playToEnd(seconds) {
    this.video.currentTime = Math.max(0, this.video.duration - seconds);
    // A machine that is busy may show the last frame before the player has said that it is the last.
    await this.#until("the last seconds are buffered", () => this.#mayPlay() && isWholeToTheEnd());
    await this.video.play();
    await this.#until("the end is reached", () => this.video.ended);
    return this.video.currentTime;
  }

  /** Waits until `seconds` from the start are buffered, or the whole title; resolves with the ranges. */
  async buffered(seconds) {
    this.video.pause();
    this.video.currentTime = 0;
    await this.#until(`${seconds} s are buffered`, () => {
      if (this.video.duration <= seconds) return isWholeToTheEnd();
      return live().every(({ buffer }) => buffer.buffered.length && buffer.buffered.end(0) >= seconds);
    });
    return live().map(({ kind, buffer }) => ({ kind, ranges: rangesOf(buffer.buffered) }));
  }

  isBuffered(time) {
    return rangesOf(this.video.buffered).some(([start, end]) => start <= time && time < end);
  }

  caption() {
    const { videoWidth, videoHeight, currentTime, duration } = this.video;
    const time = `${clock(currentTime)} / ${clock(duration)}`;
    document.getElementById("caption").textContent = `${this.name} · ${videoWidth}×${videoHeight} · ${time}`;
  }

  #replay() {
    this.video.currentTime = 0;
    this.video.play().catch(() => {});
  }

  #mayPlay() {
    return !this.video.seeking && this.video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  #report(text) {
    this.#errors.push(`${this.name}: ${text.trim()}`);
  }

  #watchFrames() {
    this.video.requestVideoFrameCallback((_, { mediaTime, width, height }) => {
      this.#frames.push({ time: mediaTime, width, height });
      this.#watchFrames();
    });
  }

  async #until(what, isSo) {
    const giveUpAt = performance.now() + this.patience * 1000;
    while (!isSo()) {
      if (this.#errors.length > 0) throw new Error(`an error came before ${what}`);
      if (performance.now() > giveUpAt) throw this.#lateness(what);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #lateness(what) {
    const { currentTime, readyState, videoWidth, videoHeight } = this.video;
    const state = `at ${currentTime.toFixed(3)} s, ready state ${readyState}, ${videoWidth}×${videoHeight}`;
    return new Error(`waited ${this.patience} s in vain until ${what}: ${state}`);
  }
}

function live() {
  return buffers.filter(({ source }) => source.readyState !== "closed");
}

/** Whether the player has told the browser that nothing more comes. */
function isWholeToTheEnd() {
  return live().every(({ source }) => source.readyState === "ended");
}

function span(frames) {
  if (frames.length === 0) return 0;
  const times = frames.map(({ time }) => time);
  return Math.max(...times) - Math.min(...times);
}

function rangesOf(buffered) {
  return Array.from({ length: buffered.length }, (_, index) => [buffered.start(index), buffered.end(index)]);
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
