-- An account whose address nobody ever proved is deleted in time. What happened stays in the trail, about nobody.
ALTER TABLE events
    DROP CONSTRAINT events_actor_id_fkey,
    DROP CONSTRAINT events_user_id_fkey,
    ADD CONSTRAINT events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES users (id) ON DELETE SET NULL,
    ADD CONSTRAINT events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL;
ALTER TABLE mails
    DROP CONSTRAINT mails_user_id_fkey,
    ADD CONSTRAINT mails_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;

-- The permitted changes are the foreign keys' own SET NULL.
CREATE FUNCTION refuse_change_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP TRIGGER events_append_only ON events;
CREATE TRIGGER events_append_only BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change_of_event();
