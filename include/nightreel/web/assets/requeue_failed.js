// The button that puts all failed titles back into the backlog, after a question.

import { call } from "./api.js";
import { ask } from "./dialogs.js";
import { toast, toastError } from "./toasts.js";

/** Makes the button below `root` work, also one that is added later; `onDone()` is called afterwards. */
export function wireRequeueFailed(root, { onDone }) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-requeue-failed]");
    if (!button || button.getAttribute("aria-busy") === "true") return;
    const dialog = document.getElementById("requeue-dialog");
    const count = Number(button.dataset.count);
    dialog.querySelector("[data-fill=count]").textContent = count === 1 ? "one title" : `${count} titles`;
    if (await ask(dialog)) await requeue(button, onDone);
  });
}

async function requeue(button, onDone) {
  button.setAttribute("aria-busy", "true");
  const chosen = new URLSearchParams({ state: "failed", content_type: button.dataset.requeueFailed });
  try {
    const answer = await call("POST", `/videos/requeue?${chosen}`);
    toast("good", "Back in the backlog", answer.message);
    onDone();
  } catch (error) {
    toastError(error);
  } finally {
    button.removeAttribute("aria-busy");
  }
}
