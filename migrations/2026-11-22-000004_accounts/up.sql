-- Since when the password no longer signs anybody in: its owner has to choose a new one, with a code we mail.
ALTER TABLE users ADD COLUMN password_change_required_at timestamptz;
-- The list of everybody, newest first.
CREATE INDEX users_created_at_idx ON users (created_at DESC, id DESC);

ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_outcome_check;
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_outcome_check CHECK (outcome IN
    ('signed_in', 'wrong_password', 'locked', 'unconfirmed', 'disabled', 'password_change_required'));
