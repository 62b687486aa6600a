// The three players behind one interface:
//   load(url)   resolves once the variants are known
//   variants()  [{width, height, bandwidth}], bandwidth in bits per second
//   select(i)   switches to variant i now, throwing away what is buffered of the others
//   current()   the index of the variant in use, -1 when there is none yet
//   subtitles() the names of the subtitles; showSubtitles(i) shows one of them
// `licenseUrl` is that of a ClearKey server, for the player that has it from no manifest; `textLanguage`
// that of the subtitles, for the player that must know it before it loads.
// Every error event is handed to `report`, the ones that the player recovers from too.

function loadScript(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${source} did not load`));
    script.src = source;
    document.head.append(script);
  });
}

class HlsJs {
  static script = "/players/hls.js/dist/hls.min.js";

  constructor(video, bufferSeconds, report, licenseUrl) {
    this.video = video;
    const protection = licenseUrl ? clearKeyOf(licenseUrl) : {};
    this.hls = new Hls({ maxBufferLength: bufferSeconds, maxMaxBufferLength: bufferSeconds, ...protection });
    // By hand from the start: by itself it may begin with another group of sounds (see #levels).
    this.hls.on(Hls.Events.MANIFEST_PARSED, () => (this.hls.loadLevel = this.hls.firstLevel));
    this.hls.on(Hls.Events.ERROR, (_, data) => {
      // Its word for a load that was given up because another variant was asked for: no fault of the stream.
      if (data.details === Hls.ErrorDetails.INTERNAL_ABORTED && !data.fatal) return;
      const where = data.url ?? data.frag?.url ?? "";
      report(`${data.details}${data.fatal ? " (fatal)" : ""} ${where} ${data.error?.message ?? ""}`);
    });
  }

  load(url) {
    const loaded = new Promise((resolve) => this.hls.once(Hls.Events.LEVEL_LOADED, resolve));
    this.hls.loadSource(url);
    this.hls.attachMedia(this.video);
    return loaded;
  }

  variants() {
    return this.#levels().map(({ width, height, bitrate }) => ({ width, height, bandwidth: bitrate }));
  }

  select(index) {
    this.hls.currentLevel = this.hls.levels.indexOf(this.#levels()[index]);
  }

  current() {
    return this.#levels().indexOf(this.hls.levels[this.hls.currentLevel]);
  }

  // Those of one group of sounds: once all of a title is buffered, a change of the group leaves
  // hls.js without a word to the browser that this is the end.
  #levels() {
    const group = this.hls.levels[this.hls.firstLevel]?.audioGroups?.[0];
    return this.hls.levels.filter(({ audioGroups }) => audioGroups?.[0] === group);
  }

  subtitles() {
    return this.hls.subtitleTracks.map(({ name }) => name);
  }

  showSubtitles(index) {
    this.hls.subtitleDisplay = true;
    this.hls.subtitleTrack = index;
  }
}

// Of fMP4, hls.js leaves the decryption to the browser, and asks it for ClearKey only where the
// playlist has that key format; `identity`, which native players know, it means to decrypt itself.
function clearKeyOf(licenseUrl) {
  const Loader = Hls.DefaultConfig.loader;
  class ClearKeyLoader extends Loader {
    load(context, config, callbacks) {
      const onSuccess = (response, ...rest) => {
        response.data = response.data.replaceAll('KEYFORMAT="identity"', 'KEYFORMAT="org.w3.clearkey"');
        callbacks.onSuccess(response, ...rest);
      };
      super.load(context, config, { ...callbacks, onSuccess });
    }
  }
  return { emeEnabled: true, drmSystems: { "org.w3.clearkey": { licenseUrl } }, pLoader: ClearKeyLoader };
}

class DashJs {
  static script = "/players/dashjs/dist/modern/umd/dash.all.min.js";

  constructor(video, bufferSeconds, report) {
    this.player = dashjs.MediaPlayer().create();
    this.player.initialize(video, null, false);
    this.player.updateSettings({
      debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE },
      streaming: {
        abr: { autoSwitchBitrate: { video: false, audio: false } },
        buffer: {
          bufferTimeDefault: bufferSeconds,
          bufferTimeAtTopQuality: bufferSeconds,
          bufferTimeAtTopQualityLongForm: bufferSeconds,
        },
      },
    });
    const { ERROR, PLAYBACK_ERROR, FRAGMENT_LOADING_COMPLETED } = dashjs.MediaPlayer.events;
    this.player.on(ERROR, ({ error }) => report(`${error.code ?? ""} ${error.message ?? error}`));
    this.player.on(PLAYBACK_ERROR, ({ error }) => report(`playback ${error?.message ?? error}`));
    // What the player itself calls current is what it was asked for last, before any of it is loaded.
    this.player.on(FRAGMENT_LOADING_COMPLETED, ({ request }) => {
      if (request.mediaType === "video") this.loaded = request.representation.id;
    });
  }

  load(url) {
    const { STREAM_INITIALIZED } = dashjs.MediaPlayer.events;
    const loaded = new Promise((resolve) => this.player.on(STREAM_INITIALIZED, resolve));
    this.player.attachSource(url);
    return loaded;
  }

  variants() {
    return this.#representations().map(({ width, height, bandwidth }) => ({ width, height, bandwidth }));
  }

  select(index) {
    this.player.setRepresentationForTypeByIndex("video", index, true);
  }

  current() {
    return this.#representations().findIndex(({ id }) => id === this.loaded);
  }

  subtitles() {
    return this.player.getTracksFor("text").map(({ labels }) => labels[0].text);
  }

  showSubtitles(index) {
    this.player.enableText(true);
    this.player.setTextTrack(index);
  }

  #representations() {
    return this.player.getRepresentationsByType("video");
  }
}

class Shaka {
  static script = "/players/shaka-player/dist/shaka-player.compiled.js";

  constructor(video, bufferSeconds, report, _licenseUrl, textLanguage) {
    shaka.polyfill.installAll();
    this.video = video;
    this.player = new shaka.Player();
    this.player.configure({ abr: { enabled: false }, streaming: { bufferingGoal: bufferSeconds } });
    if (textLanguage) this.player.configure({ preferredText: [{ language: textLanguage }] });
    this.player.addEventListener("error", ({ detail }) => report(`${detail.code} ${detail.message}`));
  }

  async load(url) {
    await this.player.attach(this.video);
    await this.player.load(url);
  }

  variants() {
    return this.#tracks().map(({ width, height, bandwidth }) => ({ width, height, bandwidth }));
  }

  select(index) {
    this.player.selectVariantTrack(this.#tracks()[index], true);
  }

  current() {
    return this.#tracks().findIndex(({ active }) => active);
  }

  subtitles() {
    return this.player.getTextTracks().map(({ label }) => label);
  }

  showSubtitles(index) {
    this.player.selectTextTrack(this.player.getTextTracks()[index]);
  }

  // A track is a picture with a sound; one language is enough to reach every picture.
  #tracks() {
    const tracks = this.player.getVariantTracks().sort((one, other) => one.bandwidth - other.bandwidth);
    return tracks.filter(({ audioId }) => audioId === tracks[0].audioId);
  }
}

const ADAPTERS = { "hls.js": HlsJs, "dash.js": DashJs, shaka: Shaka };

export async function adapterOf(player, video, bufferSeconds, report, licenseUrl, textLanguage) {
  const Adapter = ADAPTERS[player];
  await loadScript(Adapter.script);
  return new Adapter(video, bufferSeconds, report, licenseUrl, textLanguage);
}
