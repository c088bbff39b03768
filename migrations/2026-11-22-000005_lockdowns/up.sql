-- Times in which nobody signed in or changed anything, because of an attack. One at a time.
CREATE TABLE lockdowns (
    id uuid PRIMARY KEY,
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 500),
    started_at timestamptz NOT NULL DEFAULT now(),
    -- Null: on the server's command line.
    started_by uuid REFERENCES users (id) ON DELETE SET NULL,
    ended_at timestamptz,
    ended_by uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX lockdowns_one_key ON lockdowns ((ended_at IS NULL)) WHERE ended_at IS NULL;
