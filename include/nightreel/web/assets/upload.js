// Uploads a file in chunks, and continues where an earlier upload of the same file stopped.

const PARALLEL = 3;
const ATTEMPTS = 6;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 20_000;
const SLICE_BYTES = 8 << 20;
// Statuses that may change at the next try; all others would be the same again.
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The server refused a request: `status` is the HTTP status, `problem` the problem document. */
export class UploadRefused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.name = "UploadRefused";
    this.status = status;
    this.problem = problem;
  }
}

/**
 * Uploads a File, and starts the conversion of its title.
 *
 * `base` is the URL of the app, with or without a slash at its end. Without `contentId`, the title is a
 * new one. `onProgress({phase, sent, total})` is told the phase ("hashing", "sending" or "finishing")
 * and bytes. `signal` (an AbortSignal) stops the upload: what was sent by then is not sent again when
 * the same file is uploaded again. `headers` are sent with every request.
 *
 * Resolves to the server's answer: {job_id, status_endpoint, message, video_url, content_type,
 * content_id, video_hash}; job_id is null if the conversion is left to the night. Rejects with
 * UploadRefused, the signal's reason, or a TypeError when the server cannot be reached.
 */
export async function uploadFile(
  file,
  { base = document.baseURI, contentType, contentId, title, onProgress = () => {}, signal, headers = {} } = {},
) {
  const root = new URL(base, document.baseURI);
  if (!root.pathname.endsWith("/")) root.pathname += "/";
  const ask = (path, init) =>
    askWithPatience(new URL(path, root), { ...init, headers: { ...headers, ...init.headers }, signal });

  const videoHash = await sha256Of(file, root, onProgress, signal);
  const upload = await ask("videos/init", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      title: title || nameOf(file),
      size: file.size,
      video_hash: videoHash,
      content_type: contentType || undefined,
      content_id: contentId || undefined,
    }),
  });
  await sendChunks(file, upload, ask, onProgress);
  onProgress({ phase: "finishing", sent: file.size, total: file.size });
  return ask(`videos/finalize/${upload.video_hash}`, { method: "POST" });
}

function nameOf(file) {
  return file.name.replace(/\.[^.]*$/, "") || file.name || "upload";
}

/** The SHA-256 of a file of any size, in hexadecimal digits, read slice by slice. */
async function sha256Of(file, root, onProgress, signal) {
  await loadHash(root);
  const hash = await globalThis.hashwasm.createSHA256();
  hash.init();
  for (let start = 0; start < file.size; start += SLICE_BYTES) {
    signal?.throwIfAborted();
    hash.update(new Uint8Array(await file.slice(start, start + SLICE_BYTES).arrayBuffer()));
    const sent = Math.min(start + SLICE_BYTES, file.size);
    onProgress({ phase: "hashing", sent, total: file.size });
  }
  return hash.digest("hex");
}

let loading;

function loadHash(root) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("assets/sha256.umd.min.js", root);
    script.onload = resolve;
    script.onerror = () => {
      loading = undefined;
      reject(new Error("The script that hashes files did not load."));
    };
    document.head.append(script);
  });
  return loading;
}

async function sendChunks(file, upload, ask, onProgress) {
  const missing = [...upload.missing_chunks];
  const bytesOf = (index) => Math.min(upload.chunk_bytes, file.size - index * upload.chunk_bytes);
  let sent = file.size - missing.reduce((sum, index) => sum + bytesOf(index), 0);
  const report = () => onProgress({ phase: "sending", sent, total: file.size });
  let failed = false;
  const sendNext = async () => {
    while (missing.length && !failed) {
      const index = missing.shift();
      const start = index * upload.chunk_bytes;
      const form = new FormData();
      form.append("chunk_data", file.slice(start, start + bytesOf(index)), "chunk");
      try {
        await ask(`videos/upload_chunk/${upload.video_hash}/${index}`, { method: "POST", body: form });
      } catch (error) {
        failed = true;
        throw error;
      }
      sent += bytesOf(index);
      report();
    }
  };
  report();
  // Wait for all before reporting that one failed, so that nothing is still being sent afterwards.
  const ends = await Promise.allSettled(Array.from({ length: PARALLEL }, sendNext));
  const failure = ends.find((end) => end.status === "rejected");
  if (failure) throw failure.reason;
}

/** The JSON of a response; retries with growing pauses while the failure may pass. */
async function askWithPatience(url, init) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askOnce(url, init);
    } catch (error) {
      init.signal?.throwIfAborted();
      const mayPass = error instanceof UploadRefused ? PASSING.has(error.status) : error instanceof TypeError;
      if (!mayPass || attempt === ATTEMPTS) throw error;
      await pause(Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS), init.signal);
    }
  }
}

async function askOnce(url, init) {
  const answer = await fetch(url, { credentials: "same-origin", ...init });
  if (answer.ok) return answer.json();
  throw new UploadRefused(answer.status, await answer.json().catch(() => ({})));
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
