// How far a thing is, in the words and figures of all pages.

/** `45 %`, of what is never said to be done before it is. */
export function percent(share) {
  return `${Math.floor(share)} %`;
}

/** What a job is at: the API's message, as `Transcoding... 45%`, without its figure, and `…` for its dots. */
export function doing(message) {
  return message.replace(/\s*\d+\s*%/g, "").replaceAll("...", "…");
}

/** `45 % · Transcoding…` */
export function progressWords({ progress, message }) {
  return `${percent(progress)} · ${doing(message)}`;
}
