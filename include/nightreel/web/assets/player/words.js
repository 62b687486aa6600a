// Times, rates and faults as people read them.

/** Seconds as 1:02 or 1:00:02. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const pair = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${pair(minutes)}:${pair(whole % 60)}` : `${minutes}:${pair(whole % 60)}`;
}

/** Seconds for screen readers: "1 minute 2 seconds". */
export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ].filter(([number, unit]) => number || (unit === "second" && whole < 60));
  return parts.map(([number, unit]) => `${number} ${unit}${number === 1 ? "" : "s"}`).join(" ");
}

/** Bits per second as "2.8 Mb/s". */
export function rate(bits) {
  if (!bits) return "";
  return bits >= 999_500 ? `${(bits / 1e6).toFixed(1)} Mb/s` : `${Math.round(bits / 1e3)} kb/s`;
}

/** A quality's distinguishing name: its lines, and its codec if there are several. */
export function qualityName({ width, height, codec }, several) {
  const lines = `${Math.min(width, height) || height}p`;
  return several ? `${lines} ${codecName(codec)}` : lines;
}

function codecName(codec = "") {
  const family = codec.split(".")[0].replace(/^(audio|video)\/mp4;codecs="?/, "");
  return { avc1: "H.264", avc3: "H.264", hvc1: "HEVC", hev1: "HEVC", av01: "AV1" }[family] ?? family;
}

const MEDIA_FAULTS = {
  1: "Loading was interrupted.",
  2: "The network failed while the media was loading.",
  3: "The browser could not decode the media.",
  4: "The browser does not play this format.",
};

/** The media element's error in words (HTML, MediaError). */
export function mediaFault(error) {
  return MEDIA_FAULTS[error?.code] ?? "The browser could not play this.";
}

/** The meaning of a server's response to a player's request. */
export function refusal(what, status) {
  if (status === 401 || status === 403) {
    return `${what} was refused (${status}): the token is missing, wrong or too old.`;
  }
  if (status === 404) return `${what} is not there (404).`;
  if (status === 429) return `${what} was asked for too often (429): wait a minute.`;
  if (status) return `${what} could not be loaded (${status}).`;
  return `${what} could not be loaded: the server did not answer, or does not allow pages of this origin (CORS).`;
}
