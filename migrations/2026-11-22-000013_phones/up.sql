ALTER TABLE users ADD COLUMN phone_confirmed_at timestamptz;

-- Text messages with a code, to a number that somebody says is theirs. The code is derived when the text is sent.
CREATE TABLE texts (
    code_id uuid PRIMARY KEY REFERENCES one_time_codes (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- E.164.
    phone text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dropped', 'failed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz
);
CREATE INDEX texts_user_id_idx ON texts (user_id, created_at DESC);

ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_purpose_check;
ALTER TABLE one_time_codes ADD CONSTRAINT one_time_codes_purpose_check
    CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation', 'link_identity', 'change_email', 'confirm_phone'));
