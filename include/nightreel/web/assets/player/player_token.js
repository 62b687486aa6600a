// The short-lived token by which a player is given content keys.

// What is left of a token's life must suffice for the request that carries it.
const USED_SHARE = 0.8;

export class PlayerToken {
  #url;
  #title;
  #asked = null;
  #renewAt = 0;

  /** `url` issues tokens to who may read this page; `title` is {content_type, content_id}. */
  constructor(url, title) {
    this.#url = url;
    this.#title = title;
  }

  /** Resolves with a token that has some time to live. Rejects with the server's reason. */
  value() {
    if (!this.#asked || Date.now() > this.#renewAt) {
      // Until the answer says when it ends, one request serves all who ask.
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
