// The progress of the titles in conversion. When one starts or ends, the list is fetched again.

import { base } from "./api.js";
import { progressWords } from "./progress_words.js";
import { refresh } from "./results.js";

const AFTER_MS = 300;
const region = document.getElementById("results");
let source = null;
let running = null;
let soon = null;

/** Follows the running jobs while the page is visible. */
export function follow() {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start({ late: true })));
  window.addEventListener("pagehide", stop);
  if (!document.hidden) start({ late: false });
}

/** Fetches the list again in a moment: once, however often this is called. */
export function refreshSoon() {
  clearTimeout(soon);
  soon = setTimeout(() => refresh().then(showAll).catch(() => {}), AFTER_MS);
}

function start({ late }) {
  if (source) return;
  if (late) refreshSoon();
  source = new EventSource(`${base}/api/v1/jobs/events`);
  source.addEventListener("jobs", ({ data }) => take(JSON.parse(data)));
}

function stop() {
  source?.close();
  source = null;
}

function take(jobs) {
  const now = new Map(jobs.map((job) => [job.job_id, job]));
  const before = running ?? now;
  const ended = [...before.keys()].some((id) => !now.has(id));
  const begun = [...now.keys()].some((id) => !before.has(id));
  running = now;
  showAll();
  if (ended || begun || strays()) refreshSoon();
}

/** Whether the list shows a title in progress about which nothing is known. */
function strays() {
  return [...region.querySelectorAll("[data-job]")].some(({ dataset }) => !running.has(dataset.job));
}

function showAll() {
  if (!running) return;
  for (const element of region.querySelectorAll("[data-job]")) {
    const job = running.get(element.dataset.job);
    if (job) showJob(element, job);
  }
}

function showJob(element, job) {
  element.querySelector("progress").value = job.progress;
  element.querySelector(".live-words").textContent = progressWords(job);
}
