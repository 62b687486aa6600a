// A button with a menu in which one entry is chosen (WAI-ARIA: menu button, menuitemradio).

import { element, icon } from "./element.js";

export class Menu {
  #label;
  #entries;
  #choose;
  #list;

  /**
   * Each time it is opened, `entries()` returns [{id, name, note?}] and `chosen()` the id of one;
   * `choose(id)` is called with the picked one.
   */
  constructor({ label, drawing, entries, chosen, choose }) {
    this.#label = label;
    this.#entries = entries;
    this.chosen = chosen;
    this.#choose = choose;
    this.caption = element("span", { class: "player-menu-caption" });
    this.button = element(
      "button",
      {
        type: "button",
        class: "player-button",
        "data-menu": drawing,
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        on: { click: () => this.toggle(), keydown: (event) => this.#openByKey(event) },
      },
      icon(drawing),
      this.caption,
    );
    this.#list = element("div", {
      class: "player-menu",
      role: "menu",
      "aria-label": label,
      hidden: true,
      on: { keydown: (event) => this.#key(event), focusout: (event) => this.#left(event) },
    });
    this.holder = element("div", { class: "player-menu-holder", hidden: true }, this.button, this.#list);
    this.update();
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  /** Reads the entries again; the menu is hidden while there is nothing to choose from. */
  update() {
    const entries = this.#entries();
    this.holder.hidden = entries.length < 2;
    const chosen = entries.find(({ id }) => id === this.chosen());
    const name = chosen?.name ?? "";
    this.button.setAttribute("aria-label", name ? `${this.#label}: ${name}` : this.#label);
    this.button.title = this.#label;
    this.caption.textContent = chosen?.caption ?? "";
    if (this.isOpen) this.#mark();
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.#open();
  }

  close() {
    this.#list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.button.focus();
  }

  #open() {
    this.#list.replaceChildren(...this.#entries().map((entry) => this.#item(entry)));
    this.#mark();
    this.#list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    (this.#list.querySelector('[aria-checked="true"]') ?? this.#list.firstChild).focus();
  }

  #item({ id, name, note }) {
    const item = element(
      "button",
      { type: "button", class: "player-menu-item", role: "menuitemradio", tabindex: "-1" },
      element("span", {}, name),
    );
    if (note) item.append(element("small", {}, note));
    item.choice = id;
    item.addEventListener("click", () => {
      this.#choose(id);
      this.close();
      this.update();
    });
    return item;
  }

  #mark() {
    for (const item of this.#list.children) item.setAttribute("aria-checked", String(item.choice === this.chosen()));
  }

  #openByKey(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.isOpen) this.#open();
  }

  #key(event) {
    const items = [...this.#list.children];
    const at = items.indexOf(document.activeElement);
    const next = {
      ArrowDown: items[(at + 1) % items.length],
      ArrowUp: items[(at - 1 + items.length) % items.length],
      Home: items[0],
      End: items.at(-1),
    }[event.key];
    if (next) next.focus();
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab") this.#list.hidden = true;
    else if (event.key !== "Enter" && event.key !== " ") return;
    // The player's own keys do nothing while a menu is open.
    event.stopPropagation();
    if (next || event.key === "Escape") event.preventDefault();
  }

  #left({ relatedTarget }) {
    if (relatedTarget && this.holder.contains(relatedTarget)) return;
    this.#list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }
}
