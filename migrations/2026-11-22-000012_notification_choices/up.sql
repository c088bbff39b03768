-- What a person wants to hear of, and how. Without a row: everything. What concerns the safety of the account can not be
-- turned off.
CREATE TABLE notification_choices (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic text NOT NULL CHECK (topic IN ('security', 'receipts', 'progress', 'messages', 'assignments')),
    channel text NOT NULL CHECK (channel IN ('mail')),
    enabled boolean NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, topic, channel),
    CHECK (topic <> 'security' OR enabled)
);
