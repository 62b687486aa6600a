-- Sessions of browsers at the web app. What opens one is a signed token that the browser keeps;
-- of it only a digest of its number is here, so that who reads this table can open none.
CREATE TABLE nightreel.sessions (
    session_sha256 text PRIMARY KEY,
    key_id         text NOT NULL REFERENCES nightreel.api_keys ON DELETE CASCADE,
    opened_at      timestamptz NOT NULL DEFAULT now()
);

-- What the tokens of sessions are signed with: one row, made by the first web app that wants it.
CREATE TABLE nightreel.session_signing_key (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    secret   text NOT NULL
);
