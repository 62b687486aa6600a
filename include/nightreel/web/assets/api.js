// Requests to the app's own API, and its refusals.

/** The path under which the app is mounted; empty if it stands alone. */
export const base = document.documentElement.dataset.base;

/** A refusal, from its problem document (RFC 9457). */
class Problem extends Error {
  constructor(title, detail, status) {
    super(detail);
    this.title = title;
    this.status = status;
  }
}

/** The decoded response of the API; null if it has no body. Throws Problem. */
export async function call(method, path, body) {
  const request = { method, headers: { Accept: "application/json" }, credentials: "same-origin" };
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  const answer = await reached(fetch(`${base}${path}`, request));
  const said = await answer.text();
  const document = parsed(said);
  if (answer.ok) return document;
  throw new Problem(
    document?.title ?? `Error ${answer.status}`,
    document?.detail ?? "The server did not say why.",
    answer.status,
  );
}

async function reached(answer) {
  try {
    return await answer;
  } catch {
    throw new Problem("No connection", "The server did not answer. As far as is known, nothing was changed.", 0);
  }
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
