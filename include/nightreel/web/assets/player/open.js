// Puts players on a page, as an element's data attributes describe a title.

import { DashPlayback } from "./dash_playback.js";
import { HlsPlayback } from "./hls_playback.js";
import { listenToKeys } from "./keyboard.js";
import { NativePlayback } from "./native_playback.js";
import { Player } from "./player.js";
import { PlayerToken } from "./player_token.js";
import { Together } from "./together.js";

/**
 * Fills `holder` with a player per stream of the title; returns {players, together, close}.
 *
 * Its data attributes: `hls` and `dash` are the manifests' URLs, `sprites` that of thumbnails.vtt,
 * `duration` is in seconds, `shape` the aspect ratio, such as "16 / 9". An encrypted title also has
 * `keys`, `licence` and `token`: the URLs from which each is requested.
 */
export function openPlayers(holder, title) {
  const { hls, dash, poster, sprites, duration, shape } = holder.dataset;
  const protection = protectionOf(holder.dataset, title);
  const common = { poster, sprites, duration: Number(duration) || 0, protection };
  const hlsPlayback = [HlsPlayback, NativePlayback].find((each) => each.isSupported());
  const streams = [
    hls && { ...common, name: "HLS", url: hls, Playback: hlsPlayback },
    dash && { ...common, name: "DASH", url: dash, Playback: DashPlayback.isSupported() ? DashPlayback : undefined },
  ].filter(Boolean);
  const players = streams.map((stream) => new Player(stream));
  if (shape) for (const { root } of players) root.style.setProperty("--shape", shape);
  holder.replaceChildren(...players.map(({ root }) => root));
  const stopKeys = listenToKeys(players);
  const together = new Together(players);
  const close = () => {
    stopKeys();
    together.stop();
    players.forEach((player) => player.destroy());
  };
  return { players, together, close };
}

function protectionOf({ keys, licence, token }, title) {
  if (!token) return undefined;
  const absolute = (path) => new URL(path, document.baseURI).href;
  return { keys: absolute(keys), licence: absolute(licence), token: new PlayerToken(token, title) };
}
