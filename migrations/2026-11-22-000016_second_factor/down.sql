DELETE FROM sign_ins WHERE outcome IN ('challenged', 'wrong_code');
ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_outcome_check;
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_outcome_check CHECK (outcome IN
    ('signed_in', 'wrong_password', 'locked', 'unconfirmed', 'disabled', 'password_change_required'));
DROP TABLE sign_in_challenges, second_factor_roles, second_factors;
DELETE FROM one_time_codes WHERE purpose = 'sign_in';
ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_purpose_check;
ALTER TABLE one_time_codes ADD CONSTRAINT one_time_codes_purpose_check
    CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation', 'link_identity', 'change_email', 'confirm_phone'));
ALTER TABLE sessions DROP COLUMN second_factor_due;
