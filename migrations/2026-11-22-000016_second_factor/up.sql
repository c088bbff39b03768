-- Authenticator apps. Their secrets and the recovery codes are derived from salts and a server key: nothing here opens
-- anything.
CREATE TABLE second_factors (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    salt bytea NOT NULL,
    -- Null while it is being set up.
    confirmed_at timestamptz,
    -- The time step of the newest code that was used: none works twice.
    last_step bigint NOT NULL DEFAULT 0,
    recovery_salt bytea NOT NULL,
    -- A bit for each recovery code that is left.
    recovery_left integer NOT NULL CHECK (recovery_left BETWEEN 0 AND 1023)
);

-- The roles that can not do without.
CREATE TABLE second_factor_roles (
    role text PRIMARY KEY CHECK (role IN ('customer', 'agent', 'admin'))
);

-- A sign-in whose password was right and that needs one more step; the newest of each person.
CREATE TABLE sign_in_challenges (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    salt bytea NOT NULL,
    -- The code that was mailed; null when the second factor is asked for.
    code_id uuid REFERENCES one_time_codes (id) ON DELETE CASCADE,
    method text NOT NULL CHECK (method IN ('password', 'provider', 'confirmation', 'invitation')),
    provider text CHECK (char_length(provider) <= 64),
    attempts integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX sign_in_challenges_user_key ON sign_in_challenges (user_id);
CREATE INDEX sign_in_challenges_code_id_idx ON sign_in_challenges (code_id);

-- Whether its holder has to set up a second factor before anything else.
ALTER TABLE sessions ADD COLUMN second_factor_due boolean NOT NULL DEFAULT false;

ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_purpose_check;
ALTER TABLE one_time_codes ADD CONSTRAINT one_time_codes_purpose_check
    CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation', 'link_identity', 'change_email', 'confirm_phone', 'sign_in'));

ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_outcome_check;
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_outcome_check CHECK (outcome IN
    ('signed_in', 'wrong_password', 'locked', 'unconfirmed', 'disabled', 'password_change_required', 'challenged', 'wrong_code'));
