// The short-lived token by which a player is given content keys.

const RENEW_BEFORE_SECONDS = 30;

export class PlayerToken {
  #url;
  #title;
  #asked = null;
  #expires = 0;

  /** `url` issues tokens to who may read this page; `title` is {content_type, content_id}. */
  constructor(url, title) {
    this.#url = url;
    this.#title = title;
  }

  /** Resolves with a token that has some time to live. Rejects with the server's reason. */
  value() {
    if (!this.#asked || Date.now() > this.#expires - RENEW_BEFORE_SECONDS * 1000) {
      // Until the answer says when it ends, one request serves all who ask.
      this.#expires = Infinity;
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
    this.#expires = Date.parse(body.expires_at);
    return body.token;
  }
}
