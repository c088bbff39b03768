-- Who someone is at an identity provider. (issuer, subject) is the identity; the email is only for showing.
CREATE TABLE identities (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider text NOT NULL CHECK (char_length(provider) <= 64),
    issuer text NOT NULL CHECK (char_length(issuer) <= 255),
    subject text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 255),
    email text CHECK (char_length(email) <= 254),
    linked_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
CREATE UNIQUE INDEX identities_subject_key ON identities (issuer, subject);
CREATE UNIQUE INDEX identities_user_key ON identities (user_id, provider);

-- One trip to a provider and back. State, nonce, PKCE verifier and the browser's proof are derived from the salt and a
-- server key; nothing here completes a sign-in.
CREATE TABLE provider_trips (
    id uuid PRIMARY KEY,
    provider text NOT NULL CHECK (char_length(provider) <= 64),
    salt bytea NOT NULL,
    -- Whose account the identity shall be linked to; null when somebody signs in.
    link_user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    -- Set when the browser came back: a state works once.
    returned_at timestamptz,
    -- What the provider said, while the person proves the address to us.
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    issuer text,
    subject text,
    email text,
    name text
);
CREATE INDEX provider_trips_link_user_id_idx ON provider_trips (link_user_id);
CREATE INDEX provider_trips_user_id_idx ON provider_trips (user_id);
CREATE INDEX provider_trips_expires_at_idx ON provider_trips (expires_at);

ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_purpose_check;
ALTER TABLE one_time_codes ADD CONSTRAINT one_time_codes_purpose_check
    CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation', 'link_identity'));
