// HLS by hls.js. A Playback: see `player.js` for its interface.

import Hls from "../hls.min.mjs";
import { refusal } from "./words.js";

const FIRST_BUFFER_SECONDS = 6;
const BUFFER_SECONDS = 30;
const KEY_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

export class HlsPlayback extends EventTarget {
  static engine = "hls.js";
  /** What its rates include besides the picture. */
  static counted = " with sound";

  #hls;
  #token;

  static isSupported() {
    return Hls.isSupported();
  }

  constructor(video, { protection }) {
    super();
    this.#token = protection?.token;
    this.#hls = new Hls({
      // Our own file, because a worker from a blob would need a looser security policy.
      workerPath: new URL("../hls.worker.js", import.meta.url).href,
      maxBufferLength: FIRST_BUFFER_SECONDS,
      maxMaxBufferLength: FIRST_BUFFER_SECONDS,
      // Unencrypted streams must play without EME.
      ...(protection ? this.#protected(protection) : {}),
    });
    const { ERROR, MANIFEST_PARSED, LEVEL_SWITCHED, AUDIO_TRACKS_UPDATED, SUBTITLE_TRACKS_UPDATED } = Hls.Events;
    for (const event of [MANIFEST_PARSED, LEVEL_SWITCHED, AUDIO_TRACKS_UPDATED, SUBTITLE_TRACKS_UPDATED]) {
      this.#hls.on(event, () => this.dispatchEvent(new Event("change")));
    }
    this.#hls.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, () => this.#showNoSubtitlesByItself());
    this.#hls.on(ERROR, (_, data) => this.#fault(data));
    this.#hls.attachMedia(video);
  }

  load(url) {
    this.#hls.loadSource(url);
  }

  /** Starts buffering, for a viewer who watches; until then, only the first picture is fetched. */
  wake() {
    this.#hls.config.maxBufferLength = this.#hls.config.maxMaxBufferLength = BUFFER_SECONDS;
  }

  qualities() {
    // Only one sound group, because the same picture is listed once for each.
    const group = this.#hls.levels[this.#hls.firstLevel]?.audioGroups?.[0];
    const listed = this.#hls.levels.filter(({ audioGroups }) => audioGroups?.[0] === group);
    return listed.map((level) => ({
      id: this.#hls.levels.indexOf(level),
      width: level.width,
      height: level.height,
      bitrate: level.bitrate,
      codec: level.videoCodec,
    }));
  }

  get automatic() {
    return this.#hls.autoLevelEnabled;
  }

  /** Switches at once to the quality with this id; null leaves the choice to the player. */
  chooseQuality(id) {
    if (id === null) this.#hls.nextLevel = -1;
    else this.#hls.currentLevel = id;
  }

  sounds() {
    return this.#hls.audioTracks.map(({ id, name, lang }) => ({ id, name: name || lang }));
  }

  get sound() {
    return this.#hls.audioTracks[this.#hls.audioTrack]?.id;
  }

  chooseSound(id) {
    this.#hls.audioTrack = this.#hls.audioTracks.findIndex((track) => track.id === id);
  }

  subtitles() {
    return this.#hls.subtitleTracks.map(({ id, name, lang }) => ({ id, name: name || lang }));
  }

  get chosenSubtitles() {
    return this.#hls.subtitleDisplay ? (this.#hls.subtitleTracks[this.#hls.subtitleTrack]?.id ?? null) : null;
  }

  chooseSubtitles(id) {
    this.#hls.subtitleDisplay = id !== null;
    this.#hls.subtitleTrack = id === null ? -1 : this.#hls.subtitleTracks.findIndex((track) => track.id === id);
  }

  destroy() {
    this.#hls.destroy();
  }

  #showNoSubtitlesByItself() {
    if (this.subtitlesOffered) return;
    this.subtitlesOffered = true;
    this.chooseSubtitles(null);
  }

  #fault(data) {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !this.mended) {
      this.mended = true;
      this.#hls.recoverMediaError();
      return;
    }
    const said = this.#sentence(data);
    this.dispatchEvent(new CustomEvent("fault", { detail: said }));
  }

  #sentence(data) {
    const { ErrorDetails } = Hls;
    const status = data.response?.code;
    if (data.details === ErrorDetails.MANIFEST_LOAD_ERROR) return refusal("The playlist", status);
    if (data.details === ErrorDetails.FRAG_LOAD_ERROR) return refusal("A segment", status);
    if (data.details === ErrorDetails.KEY_LOAD_ERROR) return refusal("The key", status);
    if (data.details === ErrorDetails.KEY_SYSTEM_LICENSE_REQUEST_FAILED) return refusal("The licence", status);
    if (data.type === Hls.ErrorTypes.KEY_SYSTEM_ERROR) return keySystemSentence(data);
    return `hls.js gave up (${data.details}): ${data.error?.message ?? data.reason ?? "no reason given"}`;
  }

  #protected({ keys, licence, token }) {
    return {
      emeEnabled: window.isSecureContext,
      drmSystems: { "org.w3.clearkey": { licenseUrl: licence } },
      licenseXhrSetup: async (xhr, url) => {
        const bearer = await token.value();
        xhr.open("POST", url, true);
        xhr.setRequestHeader("Content-Type", "application/json");
        xhr.setRequestHeader("Authorization", `Bearer ${bearer}`);
      },
      pLoader: ClearKeyPlaylistLoader,
      loader: keyLoader(keys, token),
    };
  }
}

function keySystemSentence(data) {
  if (!window.isSecureContext) {
    return "This title is encrypted, and browsers decrypt only on https pages (or on localhost): open this page there.";
  }
  return `The browser did not accept the key (${data.details}): ${data.error?.message ?? ""}`;
}

// For fMP4, hls.js leaves decryption to the browser, and uses ClearKey only if the playlist has that key
// format; it tries to decrypt `identity`, which native players know, itself.
class ClearKeyPlaylistLoader extends Hls.DefaultConfig.loader {
  load(context, config, callbacks) {
    const onSuccess = (response, ...rest) => {
      response.data = response.data.replace(
        /(METHOD=SAMPLE-AES[^\n]*)KEYFORMAT="identity"/g,
        '$1KEYFORMAT="org.w3.clearkey"',
      );
      callbacks.onSuccess(response, ...rest);
    };
    super.load(context, config, { ...callbacks, onSuccess });
  }
}

// Keys come from this installation, even if the playlist names another address for viewers.
function keyLoader(keys, token) {
  return class extends Hls.DefaultConfig.loader {
    load(context, config, callbacks) {
      const keyId = context.keyInfo && KEY_ID.exec(context.url)?.[0];
      if (!keyId) {
        super.load(context, config, callbacks);
        return;
      }
      token.value().then(
        (bearer) => {
          if (this.stats.aborted) return;
          const url = new URL(keyId.toLowerCase(), keys).href;
          const headers = { ...context.headers, Authorization: `Bearer ${bearer}` };
          super.load({ ...context, url, headers }, config, asIfFor(context, callbacks));
        },
        (error) => callbacks.onError({ code: 401, text: error.message }, context, null, this.stats),
      );
    }
  };
}

// hls.js finds a key by the address that it requested.
function asIfFor(context, { onSuccess, onError, onTimeout, ...rest }) {
  return {
    ...rest,
    onSuccess: (response, stats, _, details) => onSuccess(response, stats, context, details),
    onError: (error, _, details, stats) => onError(error, context, details, stats),
    onTimeout: (stats, _, details) => onTimeout(stats, context, details),
  };
}
