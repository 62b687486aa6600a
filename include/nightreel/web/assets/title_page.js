// The page of a title, and of a run: players, plot, and what is happening while it is converted.

import { wireActions } from "./actions.js";
import { follow } from "./job_progress.js";
import { openPlayers } from "./player/open.js";
import { RatePlot } from "./rate_plot.js";
import { showTimes } from "./times.js";

const content = document.getElementById("content");
const over = new Set();
let stopFollowing = () => {};
let close = open();

wireActions(content, {
  onDone({ action, answer }) {
    if (action === "convert" && answer?.job_id) followJob(answer.job_id);
    else refresh();
  },
});

/** Makes the server's page interactive; returns a function that ends it. */
function open() {
  const ending = [];
  const holder = document.getElementById("players");
  const opened = holder && openPlayers(holder, titleOf(holder.dataset));
  if (opened) {
    ending.push(opened.close);
    wireTogether(opened.together);
  }
  const figure = document.getElementById("rates");
  if (figure) wirePlot(new RatePlot(figure), opened?.players ?? []);
  const { job } = document.getElementById("progress").dataset;
  if (job) followJob(job);
  ending.push(() => stopFollowing());
  return () => ending.forEach((end) => end());
}

function titleOf({ contentType, contentId }) {
  return { content_type: contentType, content_id: contentId };
}

function wireTogether(together) {
  const box = document.getElementById("together");
  box?.addEventListener("change", () => (box.checked ? together.start() : together.stop()));
}

function wirePlot(plot, players) {
  for (const { video } of players) video.addEventListener("timeupdate", () => plot.mark(video.currentTime));
  plot.addEventListener("pick", ({ detail }) => players.forEach((player) => player.seek(detail)));
}

function followJob(job) {
  stopFollowing();
  stopFollowing = follow(document.getElementById("progress"), job, () => {
    // Once: a run may end without the catalog knowing, and its page would go on reloading.
    if (!over.has(job)) refresh();
    over.add(job);
  });
}

/** Replaces what is shown with the page as it is now. */
async function refresh() {
  const answer = await fetch(window.location.href, { credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  close();
  content.replaceChildren(...page.getElementById("content").childNodes);
  showTimes(content);
  close = open();
}
