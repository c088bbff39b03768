DROP TABLE texts;
DELETE FROM one_time_codes WHERE purpose = 'confirm_phone';
ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_purpose_check;
ALTER TABLE one_time_codes ADD CONSTRAINT one_time_codes_purpose_check
    CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation', 'link_identity', 'change_email'));
ALTER TABLE users DROP COLUMN phone_confirmed_at;
