-- What a person decided about the title's encryption, against its column and the setting;
-- null: nobody decided.
ALTER TABLE nightreel.conversions ADD COLUMN encrypt boolean;

-- The keys of the releases that are encrypted: a release without a row is in the clear.
-- Key and IV are Fernet tokens under NIGHTREEL_KEY_SECRET.
CREATE TABLE nightreel.content_keys (
    key_id        uuid PRIMARY KEY,
    content_type  text NOT NULL,
    content_id    text NOT NULL,
    release       text NOT NULL,
    scheme        text NOT NULL CHECK (scheme IN ('aes-128', 'cbcs')),
    encrypted_key text NOT NULL,
    encrypted_iv  text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),

    UNIQUE (content_type, content_id, release),
    FOREIGN KEY (content_type, content_id) REFERENCES nightreel.conversions
);
