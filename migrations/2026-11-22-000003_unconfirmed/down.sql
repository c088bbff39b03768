DROP TRIGGER events_append_only ON events;
DROP FUNCTION refuse_change_of_event;
CREATE TRIGGER events_append_only BEFORE UPDATE ON events FOR EACH ROW
    WHEN (NEW.ticket_id IS NOT NULL OR OLD.ticket_id IS NULL) EXECUTE FUNCTION refuse_change();
ALTER TABLE mails
    DROP CONSTRAINT mails_user_id_fkey,
    ADD CONSTRAINT mails_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);
ALTER TABLE events
    DROP CONSTRAINT events_user_id_fkey,
    DROP CONSTRAINT events_actor_id_fkey,
    ADD CONSTRAINT events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    ADD CONSTRAINT events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES users (id);
