// Updates the library's list without reloading the page: fetches the server's page and replaces only
// what differs, so that focus and open menus stay.

import { showTimes } from "./times.js";

const region = document.getElementById("results");
const summary = document.getElementById("summary");
const served = new Map();
let pending = null;

remember(region);

/** Shows the list at this address of the library (a URL with its search). */
export async function show(url, { announce = true } = {}) {
  pending?.abort();
  const asked = (pending = new AbortController());
  try {
    const answer = await fetch(url, { credentials: "same-origin", signal: asked.signal });
    if (answer.redirected && new URL(answer.url).pathname !== new URL(url, location.href).pathname) {
      window.location.reload(); // the session is over: reloading leads to the sign-in page
      return;
    }
    const text = await answer.text();
    if (!answer.ok) throw new Error(problemIn(text) ?? `The server answered ${answer.status}.`);
    put(new DOMParser().parseFromString(text, "text/html").getElementById("results"));
    if (announce) summary.textContent = region.dataset.summary;
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

/** Updates the same list. */
export function refresh() {
  return show(window.location.href, { announce: false });
}

function put(fresh) {
  const focus = focused();
  const kept = new Map([...region.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, row]));
  const was = new Map(served);
  remember(fresh);
  for (const row of fresh.querySelectorAll("[data-key]")) {
    const old = kept.get(row.dataset.key);
    if (old && was.get(row.dataset.key) === served.get(row.dataset.key)) row.replaceWith(old);
  }
  region.dataset.summary = fresh.dataset.summary;
  region.replaceChildren(...fresh.childNodes);
  showTimes(region);
  restore(focus);
}

function remember(root) {
  served.clear();
  for (const row of root.querySelectorAll("[data-key]")) served.set(row.dataset.key, row.outerHTML);
}

function focused() {
  const element = document.activeElement;
  if (!region.contains(element)) return null;
  return { element, key: element.closest("[data-key]")?.dataset.key, name: element.dataset.focus };
}

function restore(focus) {
  if (!focus || document.activeElement === focus.element) return;
  const again = focus.element.isConnected
    ? focus.element
    : focus.name
      ? region.querySelector(`[data-focus="${CSS.escape(focus.name)}"]`)
      : region.querySelector(`[data-key="${CSS.escape(focus.key ?? "")}"] :is(h2 a, button)`);
  again?.focus({ preventScroll: true });
}

function problemIn(text) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return null;
  }
}
