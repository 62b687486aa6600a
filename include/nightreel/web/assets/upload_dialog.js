// The questions before files are uploaded: name, type and id, guessed from the file's name.

import { ask } from "./dialogs.js";

const dialog = document.getElementById("upload-dialog");
const sheets = document.getElementById("upload-sheets");
const sheet = document.getElementById("upload-sheet");

/** The person's answers: [{file, title, contentType, contentId}]; [] if cancelled. */
export async function describe(files) {
  sheets.replaceChildren(...files.map(sheetFor));
  dialog.querySelector("h2").textContent = files.length === 1 ? "Upload a video" : `Upload ${files.length} videos`;
  const answer = ask(dialog);
  sheets.querySelector("input").select();
  if (!(await answer)) return [];
  return [...sheets.children].map((fields, index) => ({
    file: files[index],
    title: fields.querySelector("[name=title]").value.trim(),
    contentType: fields.querySelector("[name=content_type]").value,
    contentId: fields.querySelector("[name=content_id]").value.trim(),
  }));
}

function sheetFor(file, index) {
  const made = sheet.content.cloneNode(true).firstElementChild;
  made.querySelector("legend").textContent = file.name;
  for (const field of made.querySelectorAll(".field")) {
    const input = field.querySelector("input, select");
    input.id = `upload-${input.name}-${index}`;
    field.querySelector("label").htmlFor = input.id;
  }
  const types = [...made.querySelector("select").options].map(({ value }) => value);
  const guess = guessFrom(file.name, types);
  made.querySelector("[name=title]").value = guess.title;
  made.querySelector("[name=content_id]").value = guess.contentId;
  if (guess.contentType) made.querySelector("select").value = guess.contentType;
  return made;
}

/** `movie_123.mp4` means movie 123; any other file name becomes the title's name, tidied. */
function guessFrom(fileName, types) {
  const stem = fileName.replace(/\.[^.]*$/, "");
  const named = /^(?:([a-z][a-z0-9_]*?)s?[-_ ]+)?(\d+)$/i.exec(stem);
  const contentType = types.find((type) => type === named?.[1]?.toLowerCase());
  const isId = named && (contentType || !named[1]);
  const words = stem.replace(/[._]+/g, " ").replace(/\s+/g, " ").trim();
  return { title: words || fileName, contentType, contentId: isId ? named[2] : "" };
}
