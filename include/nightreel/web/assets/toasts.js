// Short messages in the corner, read out by screen readers. Errors stay until they are closed.

const STAY_MS = 6000;
const place = document.getElementById("toasts");

/** Shows a message; `kind` is "good" or "bad". */
export function toast(kind, title, detail = "") {
  const element = document.createElement("div");
  element.className = "toast";
  element.dataset.kind = kind;

  const words = document.createElement("div");
  const strong = document.createElement("strong");
  strong.textContent = title;
  words.append(strong, detail);

  const close = document.createElement("button");
  close.className = "icon-button";
  close.type = "button";
  close.setAttribute("aria-label", "Close this message");
  close.textContent = "×";
  close.addEventListener("click", () => element.remove());

  element.append(words, close);
  place.append(element);
  if (kind === "good") setTimeout(() => element.remove(), STAY_MS);
}

/** Shows what went wrong, from the problem document if there is one. */
export function toastError(error) {
  toast("bad", error.title ?? "That did not work", error.message);
}
