DROP TABLE email_changes;
DELETE FROM one_time_codes WHERE purpose = 'change_email';
ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_purpose_check;
ALTER TABLE one_time_codes ADD CONSTRAINT one_time_codes_purpose_check
    CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation', 'link_identity'));
