-- When the owner asked for the account to be deleted: from then on it can not be undone. Anonymised: it was.
ALTER TABLE users
    ADD COLUMN deletion_due_at timestamptz,
    ADD COLUMN anonymised_at timestamptz,
    ADD CHECK (anonymised_at IS NULL OR disabled_at IS NOT NULL);

-- A person's own copy of everything about them; one at a time, for a few days.
CREATE TABLE exports (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- Which request it answers: a job of an earlier one finds another.
    request uuid NOT NULL,
    state text NOT NULL DEFAULT 'preparing' CHECK (state IN ('preparing', 'ready', 'failed')),
    bytes bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    ready_at timestamptz,
    expires_at timestamptz,
    CHECK ((state = 'ready') = (bytes IS NOT NULL AND ready_at IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE INDEX exports_expires_at_idx ON exports (expires_at);

-- Of what somebody did, the address it came from is forgotten with the person, and not before.
CREATE OR REPLACE FUNCTION refuse_change_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    refs CONSTANT text[] := ARRAY['ticket_id', 'user_id', 'actor_id', 'ip'];
BEGIN
    IF to_jsonb(NEW) - refs IS DISTINCT FROM to_jsonb(OLD) - refs
        OR (NEW.ticket_id IS DISTINCT FROM OLD.ticket_id AND NEW.ticket_id IS NOT NULL)
        OR (NEW.user_id IS DISTINCT FROM OLD.user_id AND NEW.user_id IS NOT NULL)
        OR (NEW.actor_id IS DISTINCT FROM OLD.actor_id AND NEW.actor_id IS NOT NULL)
        OR (NEW.ip IS DISTINCT FROM OLD.ip AND (NEW.ip IS NOT NULL OR NOT EXISTS (
            SELECT FROM users u WHERE u.id = OLD.actor_id AND (u.deletion_due_at <= now() OR u.anonymised_at IS NOT NULL))))
    THEN
        RAISE EXCEPTION 'events is append-only';
    END IF;
    RETURN NEW;
END $$;
