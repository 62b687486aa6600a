// Questions in a dialog. Enter says yes, Escape and the button marked data-no say no.

/** Whether the person said yes in this <dialog>, whose form has one submit button. */
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.querySelector("[data-no]").onclick = () => dialog.close("");
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
