// The pictures that are shown while seeking: tiles of the release's sprite sheets, from
// `thumbnails.vtt` (`sprite_000.jpg#xywh=160,0,160,90`; Media Fragments URI 1.0, 4.2.2).

import { clock } from "./words.js";
import { element } from "./element.js";

const CUE = /([\d:.]+)\s+-->\s+([\d:.]+)[^\n]*\n([^\n#]+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;

/** The tiles of a WebVTT file: [{start, end, url, x, y, width, height}], times in seconds. */
function tilesOf(text, base) {
  return [...text.replaceAll("\r\n", "\n").matchAll(CUE)].map(([, start, end, name, x, y, width, height]) => ({
    start: secondsOf(start),
    end: secondsOf(end),
    url: new URL(name, base).href,
    x: Number(x),
    y: Number(y),
    width: Number(width),
    height: Number(height),
  }));
}

function secondsOf(stamp) {
  return stamp.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** The bubble above the seek bar: the time, with a picture if the release has one for it. */
export class SeekPreview {
  #url;
  #tiles = null;
  #shown = null;
  #picture = element("div", { class: "seek-picture", hidden: true });
  #time = element("span", { class: "seek-time" });

  constructor(url) {
    this.#url = url;
    this.bubble = element("div", { class: "seek-preview", hidden: true }, this.#picture, this.#time);
  }

  /** Shows the time at a share of the bar's width; the picture follows as soon as it is loaded. */
  show(seconds, share) {
    this.#shown = [seconds, share];
    this.#load();
    this.bubble.hidden = false;
    this.#time.textContent = clock(seconds);
    this.#draw(this.#tiles?.find(({ start, end }) => start <= seconds && seconds < end) ?? this.#tiles?.at(-1));
    // Kept inside the bar, even near its ends.
    const [room, width] = [this.bubble.parentElement.clientWidth, this.bubble.offsetWidth];
    const left = Math.min(Math.max(share * room - width / 2, 0), room - width);
    this.bubble.style.transform = `translateX(${Math.round(left)}px)`;
  }

  hide() {
    this.bubble.hidden = true;
  }

  #draw(tile) {
    this.#picture.hidden = !tile;
    if (!tile) return;
    const { style } = this.#picture;
    style.width = `${tile.width}px`;
    style.height = `${tile.height}px`;
    style.backgroundImage = `url("${tile.url}")`;
    style.backgroundPosition = `-${tile.x}px -${tile.y}px`;
  }

  async #load() {
    if (this.#tiles || !this.#url) return;
    this.#tiles = [];
    try {
      const answer = await fetch(this.#url);
      if (answer.ok) this.#tiles = tilesOf(await answer.text(), this.#url);
      if (!this.bubble.hidden) this.show(...this.#shown);
    } catch {
      // Without pictures only the time is shown; seeking still works.
    }
  }
}
