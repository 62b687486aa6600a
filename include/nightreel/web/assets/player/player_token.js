// The short-lived token with which a player gets content keys.

// The rest of a token's life must be long enough for a request with it.
const USED_SHARE = 0.8;

export class PlayerToken {
  #url;
  #title;
  #asked = null;
  #renewAt = 0;

  /** `url` issues tokens to those who may read this page; `title` is {content_type, content_id}. */
  constructor(url, title) {
    this.#url = url;
    this.#title = title;
  }

  /** Resolves to a token that is valid for some time. Rejects with the server's reason. */
  value() {
    if (!this.#asked || Date.now() > this.#renewAt) {
      // Until the response says when the token ends, all callers share one request.
      this.#renewAt = Infinity;
      this.#asked = this.#ask();
      this.#asked.catch(() => (this.#asked = null));
    }
    return this.#asked;
  }

  async #ask() {
    const answer = await fetch(this.#url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(this.#title),
    });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(body.detail ?? `no token: the server answered ${answer.status}`);
    this.#renewAt = Date.now() + body.expires_in * 1000 * USED_SHARE;
    return body.token;
  }
}
