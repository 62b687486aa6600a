// The library's page: search while typing, filters and pages without reloading, live progress, actions and
// uploads. Without scripts, the same addresses work as plain links and a form.

import { wireActions } from "./actions.js";
import { follow, refreshSoon } from "./live.js";
import { wireRequeueFailed } from "./requeue_failed.js";
import { show } from "./results.js";
import { toastError } from "./toasts.js";
import { wireUploads } from "./upload_queue.js";

const TYPING_MS = 180;
const search = document.getElementById("search");
const form = search.form;
let typing = null;

/** Goes to an address of the library; `replace` while somebody is typing. */
async function turn(url, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", url);
  form.querySelectorAll("input[type=hidden]").forEach((input) => input.remove());
  for (const [name, value] of new URL(url).searchParams) {
    if (name !== "q" && name !== "page") form.append(hidden(name, value));
  }
  await show(url).catch(toastError);
}

function hidden(name, value) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}

function searched() {
  const url = new URL(window.location.href);
  url.searchParams.delete("page");
  const text = search.value.trim();
  if (text) url.searchParams.set("q", text);
  else url.searchParams.delete("q");
  return url.href;
}

search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => turn(searched(), { replace: true }), TYPING_MS);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  turn(searched());
});

document.getElementById("content").addEventListener("click", (event) => {
  const link = event.target.closest("a[data-turn]");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.dataset.focus === "clear") {
    search.value = "";
    search.focus();
  }
  turn(link.href);
});

window.addEventListener("popstate", () => {
  search.value = new URL(window.location.href).searchParams.get("q") ?? "";
  show(window.location.href).catch(toastError);
});

document.addEventListener("keydown", (event) => {
  const elsewhere = event.target.closest("input, select, textarea, dialog[open]");
  if (event.key === "/" && !elsewhere && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.select();
    search.focus();
  }
});

// A poster that does not load leaves its place empty. The event does not bubble.
document.addEventListener("error", ({ target }) => target.closest?.(".poster img")?.remove(), true);

wireActions(document.getElementById("results"), { onDone: refreshSoon });
wireRequeueFailed(document.getElementById("results"), { onDone: refreshSoon });
wireUploads({ onDone: refreshSoon });
follow();
