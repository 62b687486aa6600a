// Couples two players: what is done to one is done to both, and they are kept in sync.

const CHECK_EVERY_MS = 500;
const NEAR_SECONDS = 0.05;
const FAR_SECONDS = 1;
const CATCH_UP = 0.05;

export class Together {
  #players;
  #leader;
  #ending = null;

  constructor(players) {
    this.#players = players;
  }

  get isOn() {
    return this.#ending !== null;
  }

  /** Couples them at the first one's position. Only that one is heard. */
  start() {
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    this.#leader = this.#players[0];
    for (const player of this.#players) {
      for (const event of ["pointerdown", "keydown"]) {
        player.root.addEventListener(event, () => (this.#leader = player), { signal, capture: true });
      }
      for (const event of ["play", "pause", "seeking", "ratechange"]) {
        player.video.addEventListener(event, () => this.#repeat(player, event), { signal });
      }
      if (player !== this.#leader) player.video.muted = true;
    }
    const timer = setInterval(() => this.#draw(), CHECK_EVERY_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    for (const event of ["seeking", "ratechange", this.#leader.video.paused ? "pause" : "play"]) {
      this.#repeat(this.#leader, event);
    }
  }

  stop() {
    if (!this.isOn) return;
    this.#ending.abort();
    this.#ending = null;
    for (const { video } of this.#players) video.playbackRate = this.#leader.video.playbackRate;
  }

  // Only the leader is followed, because what it causes in the other one comes back as events.
  #repeat(player, event) {
    if (player !== this.#leader) return;
    const { video } = player;
    for (const other of this.#others()) {
      if (event === "play") other.play();
      else if (event === "pause") other.video.pause();
      else if (event === "ratechange") other.video.playbackRate = video.playbackRate;
      else if (Math.abs(other.video.currentTime - video.currentTime) > NEAR_SECONDS) other.seek(video.currentTime);
    }
  }

  // Small differences are corrected by speed, so that neither visibly jumps.
  #draw() {
    const { video } = this.#leader;
    if (video.paused || video.seeking) return;
    for (const other of this.#others()) {
      const late = video.currentTime - other.video.currentTime;
      if (other.video.seeking || other.video.ended) continue;
      if (Math.abs(late) > FAR_SECONDS) other.seek(video.currentTime);
      const nudge = Math.abs(late) > NEAR_SECONDS && Math.abs(late) <= FAR_SECONDS ? Math.sign(late) * CATCH_UP : 0;
      other.video.playbackRate = video.playbackRate * (1 + nudge);
    }
  }

  #others() {
    return this.#players.filter((player) => player !== this.#leader);
  }
}
