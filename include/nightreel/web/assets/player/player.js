// One stream, with everything to watch and judge it by.
//
// It is played by a Playback (hls_playback.js, dash_playback.js, native_playback.js), which has `load(url)`,
// `wake()`, `destroy()`; for quality, sound and subtitles the lists, the present choice and a way to choose;
// and the events `change` (one of these has changed) and `fault`, whose detail is a sentence.

import { element, icon } from "./element.js";
import { Menu } from "./menu.js";
import { SeekBar } from "./seek_bar.js";
import { mediaFault, qualityName, rate } from "./words.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const FACTS_EVERY_MS = 1000;

export class Player extends EventTarget {
  #playback;
  #facts;

  /** `stream`: {name, url, Playback, poster, duration, sprites, protection}. Times in seconds. */
  constructor(stream) {
    super();
    this.name = stream.name;
    const { poster } = stream;
    this.video = element("video", { playsinline: true, preload: "auto", poster: poster || null, tabindex: "-1" });
    this.#build(stream);
    this.#listen();
    if (!stream.Playback) {
      this.#show(`This browser cannot play ${stream.name}: it has no Media Source Extensions.`);
      return;
    }
    this.#playback = new stream.Playback(this.video, stream);
    this.#playback.addEventListener("change", () => this.#update());
    this.#playback.addEventListener("fault", ({ detail }) => this.#show(detail));
    this.#playback.load(stream.url);
    this.#facts = setInterval(() => this.#tellFacts(), FACTS_EVERY_MS);
  }

  async play() {
    this.#playback?.wake();
    try {
      await this.video.play();
    } catch (error) {
      // A pause, or another source, before the first picture.
      if (error.name !== "AbortError") this.#show(mediaFault(this.video.error));
    }
  }

  togglePlay() {
    if (this.video.paused) this.play();
    else this.video.pause();
  }

  seek(seconds) {
    this.video.currentTime = Math.min(Math.max(seconds, 0), this.seekBar.duration);
  }

  seekBy(seconds) {
    this.seek(this.video.currentTime + seconds);
  }

  changeVolume(step) {
    this.video.muted = false;
    this.video.volume = Math.min(Math.max(this.video.volume + step, 0), 1);
  }

  toggleMuted() {
    this.video.muted = !this.video.muted;
  }

  cycleSubtitles() {
    const choices = [null, ...(this.#playback?.subtitles() ?? []).map(({ id }) => id)];
    if (choices.length === 1) return;
    const next = choices[(choices.indexOf(this.#playback.chosenSubtitles) + 1) % choices.length];
    this.#playback.chooseSubtitles(next);
    this.#update();
  }

  toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (document.fullscreenEnabled) this.root.requestFullscreen();
  }

  destroy() {
    clearInterval(this.#facts);
    this.#playback?.destroy();
    this.root.remove();
  }

  #build({ name, Playback, duration, sprites }) {
    this.seekBar = new SeekBar(this.video, { duration, sprites, seek: (seconds) => this.seek(seconds) });
    this.shown = element("span", { class: "player-shown" });
    this.facts = element("p", { class: "player-facts" });
    this.problem = element("p", { class: "player-problem", role: "alert", hidden: true });
    this.time = element("span", { class: "player-time" });
    this.playButton = this.#button(() => this.togglePlay());
    this.muteButton = this.#button(() => this.toggleMuted());
    this.volume = element("input", {
      type: "range",
      class: "player-volume",
      min: "0",
      max: "1",
      step: "0.05",
      "aria-label": "Volume",
      on: { input: () => this.#setVolume() },
    });
    this.fullscreenButton = this.#button(() => this.toggleFullscreen());
    this.fullscreenButton.hidden = !document.fullscreenEnabled;
    this.menus = this.#menus();
    this.stage = element(
      "div",
      { class: "player-stage", on: { click: () => this.togglePlay() } },
      this.video,
      element("span", { class: "player-start", "aria-hidden": "true" }, icon("play")),
      element("span", { class: "player-wait", "aria-hidden": "true" }),
      this.problem,
    );
    const row = element(
      "div",
      { class: "player-row" },
      this.playButton,
      element("div", { class: "player-loudness" }, this.muteButton, this.volume),
      this.time,
      element("span", { class: "player-gap" }),
      ...this.menus.map(({ holder }) => holder),
      this.fullscreenButton,
    );
    this.root = element(
      "section",
      { class: "player", "aria-label": `${name} player`, "data-name": name },
      element(
        "header",
        { class: "player-head" },
        element("h3", {}, name),
        element("span", { class: "player-engine" }, Playback ? `by ${Playback.engine}` : ""),
        this.shown,
      ),
      this.stage,
      element("div", { class: "player-bar" }, this.seekBar.slider, row),
      this.facts,
    );
  }

  #button(press) {
    return element("button", { type: "button", class: "player-button", on: { click: press } });
  }

  #menus() {
    const of = (list) => (this.#playback ? this.#playback[list]() : []);
    const several = () => new Set(of("qualities").map(({ codec }) => codec?.split(".")[0])).size > 1;
    return [
      new Menu({
        label: "Subtitles",
        drawing: "captions",
        entries: () => {
          const all = of("subtitles");
          return all.length ? [{ id: null, name: "Off" }, ...all.map((one) => ({ ...one, caption: one.name }))] : [];
        },
        chosen: () => this.#playback?.chosenSubtitles,
        choose: (id) => this.#playback.chooseSubtitles(id),
      }),
      new Menu({
        label: "Sound",
        drawing: "language",
        entries: () => of("sounds"),
        chosen: () => this.#playback?.sound,
        choose: (id) => this.#playback.chooseSound(id),
      }),
      new Menu({
        label: "Quality",
        drawing: "quality",
        entries: () => [
          { id: null, name: "Auto", caption: "Auto" },
          ...of("qualities")
            .sort((one, other) => other.height - one.height || other.bitrate - one.bitrate)
            .map((quality) => {
              const name = qualityName(quality, several());
              return { id: quality.id, name, note: this.#rateOf(quality), caption: name };
            }),
        ],
        chosen: () => (this.#playback?.automatic ? null : this.chosenQuality),
        choose: (id) => {
          this.chosenQuality = id;
          this.#playback.chooseQuality(id);
        },
      }),
      new Menu({
        label: "Speed",
        drawing: "speed",
        entries: () => SPEEDS.map((id) => ({ id, name: `${id}×`, caption: id === 1 ? "" : `${id}×` })),
        chosen: () => this.video.playbackRate,
        choose: (speed) => (this.video.playbackRate = speed),
      }),
    ];
  }

  #setVolume() {
    this.video.volume = Number(this.volume.value);
    this.video.muted = this.video.volume === 0;
  }

  #listen() {
    const redraw = ["timeupdate", "durationchange", "progress", "seeking", "seeked", "loadedmetadata"];
    for (const event of redraw) this.video.addEventListener(event, () => this.#drawTime());
    const update = ["play", "pause", "ended", "volumechange", "ratechange", "resize", "waiting", "playing", "canplay"];
    for (const event of update) this.video.addEventListener(event, () => this.#update());
    this.video.addEventListener("error", () => this.#show(mediaFault(this.video.error)));
    this.root.addEventListener("fullscreenchange", () => this.#update());
    this.#update();
  }

  #drawTime() {
    this.seekBar.update();
    this.time.textContent = this.seekBar.label;
  }

  #update() {
    const { video } = this;
    this.root.classList.toggle("is-playing", !video.paused);
    this.root.classList.toggle("is-waiting", !video.paused && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
    this.root.classList.toggle("is-begun", video.currentTime > 0 || !video.paused);
    label(this.playButton, video.paused ? "play" : "pause", video.paused ? "Play (k)" : "Pause (k)");
    const silent = video.muted || video.volume === 0;
    label(this.muteButton, silent ? "muted" : "sound", silent ? "Unmute (m)" : "Mute (m)");
    this.volume.value = String(silent ? 0 : video.volume);
    const large = document.fullscreenElement === this.root;
    label(this.fullscreenButton, large ? "reduce" : "enlarge", large ? "Leave full screen (f)" : "Full screen (f)");
    for (const menu of this.menus) menu.update();
    this.#tellQuality();
    this.#drawTime();
  }

  // The frames show the present quality, whatever the player requested last.
  #tellQuality() {
    const { videoWidth, videoHeight } = this.video;
    const isShown = ({ width, height }) => width === videoWidth && height === videoHeight;
    const shown = this.#playback?.qualities().filter(isShown);
    const parts = videoHeight ? [`${Math.min(videoWidth, videoHeight)}p`] : [];
    if (shown?.length === 1) parts.push(this.#rateOf(shown[0]));
    this.shown.textContent = parts.join(" · ");
  }

  #rateOf({ bitrate }) {
    return bitrate ? rate(bitrate) + this.#playback.constructor.counted : "";
  }

  #tellFacts() {
    const { video } = this;
    const ahead = [...Array(video.buffered.length).keys()]
      .map((index) => [video.buffered.start(index), video.buffered.end(index)])
      .find(([start, end]) => start <= video.currentTime + 0.1 && video.currentTime <= end);
    const { droppedVideoFrames, totalVideoFrames } = video.getVideoPlaybackQuality();
    const buffered = ahead ? (ahead[1] - video.currentTime).toFixed(0) : "0";
    const size = video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : "no picture yet";
    const dropped = `${droppedVideoFrames} of ${totalVideoFrames} frames dropped`;
    this.facts.textContent = `${size} · ${buffered} s buffered · ${dropped}`;
  }

  #show(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = false;
    this.root.classList.add("has-problem");
    this.dispatchEvent(new CustomEvent("problem", { detail: sentence }));
  }
}

function label(button, drawing, words) {
  if (button.dataset.drawing !== drawing) button.replaceChildren(icon(drawing));
  button.dataset.drawing = drawing;
  button.setAttribute("aria-label", words);
  button.title = words;
}
