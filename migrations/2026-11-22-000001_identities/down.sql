DELETE FROM one_time_codes WHERE purpose = 'link_identity';
ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_purpose_check;
ALTER TABLE one_time_codes ADD CONSTRAINT one_time_codes_purpose_check
    CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation'));
DROP TABLE provider_trips, identities;
