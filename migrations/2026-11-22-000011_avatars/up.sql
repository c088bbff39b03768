-- Pictures of people, as we made them from what was uploaded: a small JPEG without metadata.
CREATE TABLE avatars (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 65536),
    created_at timestamptz NOT NULL DEFAULT now()
);
-- Which picture: the beginning of its SHA-256, so that an address with it never shows another one.
ALTER TABLE users ADD COLUMN avatar text CHECK (avatar ~ '^[0-9a-f]{32}$');
