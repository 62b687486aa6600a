// What a person may do with a title: the buttons and dialogs of actions.html.

import { call } from "./api.js";
import { ask } from "./dialogs.js";
import { toast, toastError } from "./toasts.js";

const DONE = {
  convert: (name) => ["Queued", `${name} is converted as soon as a slot is free.`],
  requeue: (name) => ["Back in the backlog", `The next night takes ${name}.`],
  delete: (name, { caches }) => ["Deleted", `The releases of ${name} are gone from the bucket. ${caches.message}`],
};

/**
 * Makes the buttons below `root` work, also those added later. `onDone({action, title, answer})` is called
 * after each action; `title` is "movie/7".
 */
export function wireActions(root, { onDone }) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-action]");
    const subject = button?.closest("[data-title]");
    if (!subject || button.getAttribute("aria-busy") === "true") return;
    const menu = button.closest("details");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    const asked = await intent(button.dataset.action, subject.dataset);
    if (asked) await carryOut(asked, subject.dataset, button, onDone);
  });
  closeMenus(root);
}

/** The request's body; null if the person cancelled. */
async function intent(action, { title, name, state }) {
  const path = `/videos/${title.split("/").map(encodeURIComponent).join("/")}`;
  switch (action) {
    case "convert":
      return { action: "convert", method: "POST", path: `${path}/convert`, body: {} };
    case "requeue":
      return { action: "requeue", method: "POST", path: `${path}/requeue` };
    case "options": {
      const body = await askHow(name, state);
      return body && { action: "convert", method: "POST", path: `${path}/convert`, body };
    }
    case "delete":
      return (await askWhether("delete-dialog", name)) && { action: "delete", method: "DELETE", path };
  }
  return null;
}

async function carryOut({ action, method, path, body }, { title, name }, button, onDone) {
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await call(method, path, body);
    toast("good", ...DONE[action](name, answer));
    onDone({ action, title, answer });
  } catch (error) {
    toastError(error);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function askHow(name, state) {
  const dialog = document.getElementById("convert-dialog");
  const form = dialog.querySelector("form");
  form.reset();
  const mustForce = state === "published" || state === "quarantined";
  form.elements.force.checked = mustForce;
  form.elements.force.disabled = mustForce;
  for (const words of dialog.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== state;
  if (!(await askWhether("convert-dialog", name))) return null;
  const body = { force: form.elements.force.checked };
  if (form.elements.first.checked) body.first = true;
  const encrypt = form.elements.encrypt.value;
  if (encrypt) body.encrypt = encrypt === "yes";
  return body;
}

function askWhether(id, name) {
  const dialog = document.getElementById(id);
  dialog.querySelector("[data-fill=name]").textContent = name;
  return ask(dialog);
}

function closeMenus(root) {
  const opened = () => root.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
  });
  root.addEventListener("keydown", (event) => {
    const menu = event.target.closest("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.preventDefault();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const items = [menu.querySelector("summary"), ...menu.querySelectorAll("div > :is(a, button:enabled)")];
      const step = event.key === "ArrowDown" ? 1 : -1;
      items[(items.indexOf(event.target) + step + items.length) % items.length]?.focus();
      event.preventDefault();
    }
  });
}
