// Pausing and resuming the backlog.

import { call } from "./api.js";
import { toastError } from "./toasts.js";

document.getElementById("content").addEventListener("click", async (event) => {
  const button = event.target.closest("[data-backlog]");
  if (!button) return;
  button.disabled = true;
  try {
    await call("POST", `/api/v1/backlog/${button.dataset.backlog}`);
    window.location.reload();
  } catch (error) {
    toastError(error);
    button.disabled = false;
  }
});
