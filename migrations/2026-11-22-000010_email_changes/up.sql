-- An address that somebody wants to have instead of theirs. The code that proves it was mailed there; afterwards the old
-- address can take the change back for a while, with a link that derives from the same salt.
CREATE TABLE email_changes (
    code_id uuid PRIMARY KEY REFERENCES one_time_codes (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    old_email text NOT NULL CHECK (char_length(old_email) BETWEEN 3 AND 254),
    new_email text NOT NULL CHECK (char_length(new_email) BETWEEN 3 AND 254),
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz,
    undo_until timestamptz,
    undone_at timestamptz
);
CREATE INDEX email_changes_user_id_idx ON email_changes (user_id, created_at DESC);

ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_purpose_check;
ALTER TABLE one_time_codes ADD CONSTRAINT one_time_codes_purpose_check
    CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation', 'link_identity', 'change_email'));
