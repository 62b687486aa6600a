// The unfinished uploads of this browser: what the person entered for each file.

const PLACE = "nightreel.uploads";

function all() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? [];
  } catch {
    return []; // storage is switched off, or contains something else
  }
}

function keep(entries) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(entries));
  } catch {
    // Without storage, an upload also continues after a reload, but the person is asked again.
  }
}

/** What was entered for this file when its upload began; {} if it never did. */
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
