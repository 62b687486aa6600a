// The keys of a player. They go to the player that was used last, from wherever the focus is, but
// for where it types, or has a use for the key of its own.

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

/** Gives the keys to `players`; the first has them until another is used. Returns how to end it. */
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
  // A button is pressed by the space bar; outside the player, arrows and space move the page.
  if (target.closest("button, a, summary")) return key === " " || !player.root.contains(target);
  return !player.root.contains(target);
}
