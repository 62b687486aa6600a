// Uploads from the library: files are dropped or chosen, described, and sent one after another. An upload
// that was interrupted by leaving the page continues when the same file is chosen again.

import { base } from "./api.js";
import { describe } from "./upload_dialog.js";
import { UploadLine } from "./upload_line.js";
import { forget, recall, remember } from "./upload_memory.js";
import { toast } from "./toasts.js";
import { uploadFile } from "./upload.js";

const list = document.getElementById("uploads");
const queue = [];
let busy = false;
let done = () => {};

/** Makes the button, the picker and the page accept files, if the reader may upload. */
export function wireUploads({ onDone }) {
  const picker = document.getElementById("upload-files");
  if (!picker) return;
  done = onDone;
  const button = document.getElementById("upload-button");
  button.hidden = false;
  button.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    take([...picker.files]);
    picker.value = "";
  });
  wireDrop(document.getElementById("drop-cover"));
  window.addEventListener("beforeunload", (event) => {
    if (queue.some((upload) => upload.line.state === "sending")) event.preventDefault();
  });
  showInterrupted(picker);
}

async function take(files) {
  if (!files.length) return;
  const known = files.map((file) => ({ file, ...recall(file) }));
  const resumed = known.filter(({ contentType }) => contentType);
  const unknown = known.filter(({ contentType }) => !contentType).map(({ file }) => file);
  const described = unknown.length ? await describe(unknown) : [];
  for (const upload of [...resumed, ...described]) enqueue(upload);
}

function enqueue(upload) {
  list.querySelector(`[data-interrupted="${CSS.escape(upload.file.name)}"]`)?.remove();
  list.hidden = false;
  remember(upload);
  const entry = { ...upload, control: null };
  entry.line = new UploadLine(list, upload.title, {
    onPause: () => entry.control?.abort(),
    onResume: () => {
      entry.line.wait();
      next();
    },
    onRemove: () => remove(entry),
  });
  queue.push(entry);
  next();
}

function remove(entry) {
  entry.removed = true;
  entry.control?.abort();
  queue.splice(queue.indexOf(entry), 1);
  forget(entry.file);
  entry.line.remove();
  list.hidden = !list.childElementCount;
}

async function next() {
  const entry = queue.find(({ line }) => line.state === "waiting");
  if (busy || !entry) return;
  busy = true;
  await send(entry);
  busy = false;
  next();
}

async function send(entry) {
  const { file, title, contentType, contentId, line } = entry;
  entry.control = new AbortController();
  line.begin();
  try {
    const answer = await uploadFile(file, {
      base: `${base}/`,
      title,
      contentType,
      contentId: contentId || undefined,
      onProgress: (progress) => line.show(progress),
      signal: entry.control.signal,
    });
    forget(file);
    line.finish(answer.job_id !== null);
    toast("good", title, answer.message);
    done();
  } catch (error) {
    if (entry.removed) return;
    if (entry.control.signal.aborted) line.pause();
    else {
      line.fail(error);
      toast("bad", title, error.message);
    }
  }
}

function wireDrop(cover) {
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const cross = (step) => (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = Math.max(0, depth + step);
    cover.hidden = depth === 0;
  };
  document.addEventListener("dragenter", cross(1));
  document.addEventListener("dragleave", cross(-1));
  document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    cover.hidden = true;
    take([...event.dataTransfer.files]);
  });
}

function showInterrupted(picker) {
  for (const { name, title } of recall.all()) {
    const line = document.createElement("p");
    line.className = "note";
    line.dataset.interrupted = name;
    const words = document.createElement("span");
    words.textContent = `The upload of ${title} was interrupted. Choose ${name} again to resume where it stopped. `;
    const choose = button("Choose the file", () => picker.click());
    const drop = button("Discard it", () => {
      forget.byName(name);
      line.remove();
      list.hidden = !list.childElementCount;
    });
    line.append(words, choose, drop);
    list.append(line);
    list.hidden = false;
  }
}

function button(text, onClick) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = text;
  made.addEventListener("click", onClick);
  return made;
}
