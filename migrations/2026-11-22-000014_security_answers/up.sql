-- Questions that somebody wants to be asked besides the mailed code when the password is reset. The answer is kept as
-- bcrypt of a keyed hash of its normal form.
CREATE TABLE security_answers (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    position smallint NOT NULL CHECK (position BETWEEN 1 AND 3),
    question text NOT NULL CHECK (char_length(question) BETWEEN 5 AND 200),
    answer_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, position)
);
