DELETE FROM sign_ins WHERE outcome = 'password_change_required';
ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_outcome_check;
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_outcome_check CHECK (outcome IN
    ('signed_in', 'wrong_password', 'locked', 'unconfirmed', 'disabled'));
DROP INDEX users_created_at_idx;
ALTER TABLE users DROP COLUMN password_change_required_at;
