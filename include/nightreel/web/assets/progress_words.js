// Progress in words and figures, the same on all pages.

/** `45 %`, rounded down, so that nothing seems done before it is. */
export function percent(share) {
  return `${Math.floor(share)} %`;
}

/** A job's current step: the API's message, such as `Transcoding... 45%`, without the figure, and with `…`. */
export function doing(message) {
  return message.replace(/\s*\d+\s*%/g, "").replaceAll("...", "…");
}

/** `45 % · Transcoding…` */
export function progressWords({ progress, message }) {
  return `${percent(progress)} · ${doing(message)}`;
}
