// The keys of players. They go to the player that was used last, wherever the focus is, unless the focused
// element accepts text or uses the key itself.

const JUMP_SECONDS = 10;
const STEP_SECONDS = 5;
const VOLUME_STEP = 0.1;

const KEYS = {
  " ": (player) => player.togglePlay(),
  k: (player) => player.togglePlay(),
  j: (player) => player.seekBy(-JUMP_SECONDS),
  l: (player) => player.seekBy(JUMP_SECONDS),
  ArrowLeft: (player) => player.seekBy(-STEP_SECONDS),
  ArrowRight: (player) => player.seekBy(STEP_SECONDS),
  ArrowUp: (player) => player.changeVolume(VOLUME_STEP),
  ArrowDown: (player) => player.changeVolume(-VOLUME_STEP),
  m: (player) => player.toggleMuted(),
  c: (player) => player.cycleSubtitles(),
  f: (player) => player.toggleFullscreen(),
};
const ARROWS_AND_SPACE = new Set([" ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/** Gives the keys to `players`, at first to the first one. Returns a function that ends it. */
export function listenToKeys(players) {
  let last = players[0];
  const ending = new AbortController();
  for (const player of players) {
    for (const event of ["focusin", "pointerdown"]) {
      player.root.addEventListener(event, () => (last = player), { signal: ending.signal });
    }
  }
  const onKey = (event) => {
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTakenBy(event.target, event.key, last)) return;
    event.preventDefault();
    action(last);
  };
  document.addEventListener("keydown", onKey, { signal: ending.signal });
  return () => ending.abort();
}

function isTakenBy(target, key, player) {
  if (target.closest("input:not([type=range]), textarea, select, dialog, [contenteditable]")) return true;
  if (!ARROWS_AND_SPACE.has(key)) return false;
  if (target.closest("input[type=range]")) return key !== " ";
  // The space bar presses buttons; outside the player, arrows and space scroll the page.
  if (target.closest("button, a, summary")) return key === " " || !player.root.contains(target);
  return !player.root.contains(target);
}
