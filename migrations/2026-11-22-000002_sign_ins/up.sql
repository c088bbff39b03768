-- How a session came about, and in which browser.
ALTER TABLE sessions
    ADD COLUMN method text NOT NULL DEFAULT 'password'
        CHECK (method IN ('password', 'provider', 'confirmation', 'invitation')),
    ADD COLUMN provider text CHECK (char_length(provider) <= 64),
    ADD COLUMN device uuid;

-- Browsers and programs a person has signed in from. The browser proves which one it is with a token that is derived from
-- the id and a server key, so this table opens nothing.
CREATE TABLE devices (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device uuid NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    -- Set when its owner ended a session there: it counts as new again.
    forgotten_at timestamptz,
    PRIMARY KEY (user_id, device)
);

-- Each sign-in of a person, and each attempt that failed. Swept in time.
CREATE TABLE sign_ins (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    outcome text NOT NULL CHECK (outcome IN ('signed_in', 'wrong_password', 'locked', 'unconfirmed', 'disabled')),
    method text NOT NULL CHECK (method IN ('password', 'provider', 'confirmation', 'invitation')),
    provider text CHECK (char_length(provider) <= 64),
    new_device boolean NOT NULL DEFAULT false,
    ip text NOT NULL,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_ins_user_id_idx ON sign_ins (user_id, created_at DESC, id DESC);
CREATE INDEX sign_ins_created_at_idx ON sign_ins (created_at);
