// DASH by dash.js. A Playback: see `player.js` for its interface.

import * as dashjs from "../dash.all.min.js";
import { refusal } from "./words.js";

const FIRST_BUFFER_SECONDS = 6;
const BUFFER_SECONDS = 30;

export class DashPlayback extends EventTarget {
  static engine = "dash.js";
  static counted = "";

  #player = dashjs.MediaPlayer().create();
  #subtitles = null;
  #automatic = true;

  static isSupported() {
    return "MediaSource" in window || "ManagedMediaSource" in window;
  }

  constructor(video, { protection }) {
    super();
    this.#player.initialize(video, null, false);
    this.#player.updateSettings({
      debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE },
      streaming: { buffer: bufferOf(FIRST_BUFFER_SECONDS), text: { defaultEnabled: false } },
    });
    if (protection) this.#protect(protection);
    const events = dashjs.MediaPlayer.events;
    for (const event of [
      events.STREAM_INITIALIZED,
      events.QUALITY_CHANGE_RENDERED,
      events.TRACK_CHANGE_RENDERED,
      events.TEXT_TRACKS_ADDED,
    ]) {
      this.#player.on(event, () => this.dispatchEvent(new Event("change")));
    }
    this.#player.on(events.ERROR, ({ error }) => this.#fault(error));
  }

  load(url) {
    this.#player.attachSource(url);
  }

  /** Starts buffering, for a viewer who watches; until then, only the first picture is fetched. */
  wake() {
    this.#player.updateSettings({ streaming: { buffer: bufferOf(BUFFER_SECONDS) } });
  }

  qualities() {
    return this.#representations().map(({ id, width, height, bandwidth, codecs }) => ({
      id,
      width,
      height,
      bitrate: bandwidth,
      codec: codecs,
    }));
  }

  get automatic() {
    return this.#automatic;
  }

  /** Switches at once to the quality with this id; null leaves the choice to the player. */
  chooseQuality(id) {
    this.#automatic = id === null;
    this.#player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: this.#automatic } } } });
    if (id !== null) this.#player.setRepresentationForTypeById("video", id, true);
    this.dispatchEvent(new Event("change"));
  }

  sounds() {
    return this.#tracks("audio").map((track) => ({ id: track.index, name: nameOf(track) }));
  }

  get sound() {
    return this.#player.getCurrentTrackFor("audio")?.index;
  }

  chooseSound(id) {
    this.#player.setCurrentTrack(this.#tracks("audio").find(({ index }) => index === id));
  }

  subtitles() {
    return this.#tracks("text").map((track, position) => ({ id: position, name: nameOf(track) }));
  }

  get chosenSubtitles() {
    return this.#subtitles;
  }

  chooseSubtitles(id) {
    this.#subtitles = id;
    this.#player.enableText(id !== null);
    if (id !== null) this.#player.setTextTrack(id);
    this.dispatchEvent(new Event("change"));
  }

  destroy() {
    this.#player.destroy();
  }

  #representations() {
    return this.#player.isReady() ? this.#player.getRepresentationsByType("video") : [];
  }

  #tracks(type) {
    return this.#player.isReady() ? this.#player.getTracksFor(type) : [];
  }

  #protect({ licence, token }) {
    // Given here, so that the manifest's address for the platform's viewers is not used.
    this.#player.setProtectionData({ "org.w3.clearkey": { serverURL: licence } });
    this.#player.registerLicenseRequestFilter(async (request) => {
      request.headers["Content-Type"] = "application/json";
      request.headers.Authorization = `Bearer ${await token.value()}`;
    });
  }

  #fault({ code, message = "", data }) {
    const { errors } = dashjs.MediaPlayer;
    const status = data?.response?.status;
    const sentences = {
      [errors.DOWNLOAD_ERROR_ID_MANIFEST_CODE]: () => refusal("The manifest", status),
      [errors.DOWNLOAD_ERROR_ID_CONTENT_CODE]: () => refusal("A segment", status),
      [errors.DOWNLOAD_ERROR_ID_INITIALIZATION_CODE]: () => refusal("An initialisation segment", status),
    };
    const insecure = code >= 100 && code < 120 && !window.isSecureContext;
    const said = insecure
      ? "This title is encrypted, and browsers decrypt only on https pages (or on localhost): open this page there."
      : (sentences[code]?.() ?? `dash.js gave up (${code}): ${message}`);
    this.dispatchEvent(new CustomEvent("fault", { detail: said }));
  }
}

function nameOf({ labels, lang, index }) {
  return labels?.[0]?.text || lang || `track ${index + 1}`;
}

function bufferOf(seconds) {
  return {
    bufferTimeDefault: seconds,
    bufferTimeAtTopQuality: seconds,
    bufferTimeAtTopQualityLongForm: seconds,
  };
}
