CREATE OR REPLACE FUNCTION refuse_change_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    refs CONSTANT text[] := ARRAY['ticket_id', 'user_id', 'actor_id'];
BEGIN
    IF to_jsonb(NEW) - refs IS DISTINCT FROM to_jsonb(OLD) - refs
        OR (NEW.ticket_id IS DISTINCT FROM OLD.ticket_id AND NEW.ticket_id IS NOT NULL)
        OR (NEW.user_id IS DISTINCT FROM OLD.user_id AND NEW.user_id IS NOT NULL)
        OR (NEW.actor_id IS DISTINCT FROM OLD.actor_id AND NEW.actor_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'events is append-only';
    END IF;
    RETURN NEW;
END $$;
DROP TABLE exports;
ALTER TABLE users DROP COLUMN deletion_due_at, DROP COLUMN anonymised_at;
