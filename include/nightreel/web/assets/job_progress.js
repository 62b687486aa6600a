// A run's progress, as the server sends it until the run ends.

import { base } from "./api.js";
import { element } from "./player/element.js";
import { doing, percent } from "./progress_words.js";

/** Shows the job's progress in a card; `onEnd` is called once it is over. Returns a function that stops it. */
export function follow(card, job, onEnd) {
  card.hidden = false;
  const source = new EventSource(`${base}/api/v1/video/processing-status/${encodeURIComponent(job)}/events`);
  source.addEventListener("status", ({ data }) => {
    const status = JSON.parse(data);
    show(card, status);
    if (status.status !== "completed" && status.status !== "failed") return;
    source.close();
    onEnd(status);
  });
  return () => source.close();
}

function show(card, { progress, message, error, eta_seconds: eta, steps = [] }) {
  card.querySelector("#progress-message").textContent = error ?? doing(message);
  card.querySelector("#progress-bar").value = progress;
  card.querySelector("#progress-figure").textContent = eta ? `${percent(progress)} · ${left(eta)} left` : percent(progress);
  card.querySelector("#progress-steps").replaceChildren(...steps.map(item));
}

function item({ name, label, state, percent: share }) {
  const words = label ? `${name} ${label}` : name;
  const made = element("li", { "data-state": state }, words.replaceAll("_", " "));
  if (share !== undefined && share !== null && state === "running") made.append(` ${percent(share)}`);
  made.append(element("span", { class: "visually-hidden" }, `: ${state}`));
  return made;
}

function left(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
