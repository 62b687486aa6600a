// Questions in a dialog. Enter means yes; Escape and the button with data-no mean no.

/** Asks in this <dialog>, whose form has one submit button; resolves to whether the answer was yes. */
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.querySelector("[data-no]").onclick = () => dialog.close("");
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
