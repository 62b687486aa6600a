// Which uploads were begun in this browser and not finished: what the person said of each file.

const PLACE = "nightreel.uploads";

function all() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? [];
  } catch {
    return []; // storage is switched off, or holds something else
  }
}

function keep(entries) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(entries));
  } catch {
    // Without storage, an upload goes on after a reload as well: it is only asked for again.
  }
}

/** What was said of this file when its upload began; {} where it never did. */
export function recall({ name, size }) {
  const { title, contentType, contentId } = all().find((entry) => entry.name === name && entry.size === size) ?? {};
  return contentType ? { title, contentType, contentId } : {};
}
recall.all = all;

export function remember({ file: { name, size }, title, contentType, contentId }) {
  const others = all().filter((entry) => entry.name !== name || entry.size !== size);
  keep([...others, { name, size, title, contentType, contentId }]);
}

export function forget({ name, size }) {
  keep(all().filter((entry) => entry.name !== name || entry.size !== size));
}
forget.byName = (name) => keep(all().filter((entry) => entry.name !== name));
