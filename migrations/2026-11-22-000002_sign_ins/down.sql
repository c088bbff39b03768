DROP TABLE sign_ins, devices;
ALTER TABLE sessions DROP COLUMN device, DROP COLUMN provider, DROP COLUMN method;
