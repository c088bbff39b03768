-- People. One table for the three roles: a role is an attribute of a person, never of a request.
CREATE TABLE users (
    id uuid PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('customer', 'agent', 'admin')),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    email text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
    email_confirmed_at timestamptz,
    phone text CHECK (char_length(phone) BETWEEN 4 AND 32),
    locale text NOT NULL DEFAULT 'en' CHECK (locale IN ('en', 'ta')),
    time_zone text NOT NULL DEFAULT 'UTC' CHECK (char_length(time_zone) <= 64),
    -- bcrypt; null until a password has been set (an invited agent, a person who only signs in through a provider).
    password_hash text,
    -- Failed sign-ins since the last success, counted before the password is checked.
    failed_sign_ins integer NOT NULL DEFAULT 0,
    failed_window_started_at timestamptz,
    disabled_at timestamptz,
    -- When the person's last live stream was heard of: presence.
    last_seen_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX users_role_created_at_idx ON users (role, created_at DESC, id DESC);

-- A sign-in on one device. The refresh token is derived from (salt, generation) and a server key: nothing here opens anything.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    salt bytea NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    rotated_at timestamptz NOT NULL DEFAULT now(),
    user_agent text NOT NULL DEFAULT '',
    ip text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text CHECK (revoked_reason IN ('signed_out', 'password_changed', 'reuse_detected', 'disabled', 'revoked'))
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_user_id_all_idx ON sessions (user_id);

-- One-time codes and links. Code and link token are derived from the salt and a server key, so a copy of this table is useless.
CREATE TABLE one_time_codes (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation')),
    salt bytea NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    -- Set when a newer code of the same purpose was asked for: only the newest counts.
    voided_at timestamptz
);
CREATE UNIQUE INDEX one_time_codes_live_key ON one_time_codes (user_id, purpose) WHERE used_at IS NULL AND voided_at IS NULL;
CREATE INDEX one_time_codes_user_id_idx ON one_time_codes (user_id, created_at DESC);

-- Fixed-window counters shared by all replicas: (what, who) -> how often in this window.
CREATE TABLE rate_counters (
    bucket text NOT NULL,
    subject text NOT NULL,
    window_started_at timestamptz NOT NULL DEFAULT now(),
    hits integer NOT NULL DEFAULT 1,
    PRIMARY KEY (bucket, subject)
);

CREATE TABLE services (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    description text NOT NULL DEFAULT '' CHECK (char_length(description) <= 2000),
    icon text NOT NULL DEFAULT 'other' CHECK (icon IN ('card', 'loan', 'account', 'transfer', 'phone', 'network', 'delivery', 'insurance', 'billing', 'home', 'account_access', 'other')),
    position integer NOT NULL DEFAULT 0,
    retired_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX services_name_key ON services (lower(name)) WHERE retired_at IS NULL;

CREATE SEQUENCE ticket_numbers START 1001;

CREATE TABLE tickets (
    id uuid PRIMARY KEY,
    number bigint NOT NULL DEFAULT nextval('ticket_numbers'),
    kind text NOT NULL CHECK (kind IN ('complaint', 'question', 'request')),
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'pending', 'on_hold', 'resolved', 'closed', 'withdrawn')),
    priority text NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    subject text NOT NULL CHECK (char_length(subject) BETWEEN 3 AND 200),
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 20000),
    service_id uuid REFERENCES services (id),
    customer_id uuid NOT NULL REFERENCES users (id),
    assignee_id uuid REFERENCES users (id),
    contact_name text NOT NULL CHECK (char_length(contact_name) BETWEEN 1 AND 200),
    contact_email text NOT NULL CHECK (char_length(contact_email) BETWEEN 3 AND 254),
    contact_phone text CHECK (char_length(contact_phone) BETWEEN 4 AND 32),
    contact_channel text NOT NULL DEFAULT 'email' CHECK (contact_channel IN ('email', 'phone', 'chat')),
    against text CHECK (char_length(against) <= 200),
    incident_date date,
    reference text CHECK (char_length(reference) <= 100),
    wanted_outcome text CHECK (char_length(wanted_outcome) <= 2000),
    -- The last number given out in this ticket's timeline; taken under the row lock, so the order has no gaps.
    last_seq integer NOT NULL DEFAULT 0,
    last_message_side text CHECK (last_message_side IN ('customer', 'agent')),
    last_message_excerpt text,
    last_message_at timestamptz,
    first_reply_at timestamptz,
    resolved_at timestamptz,
    closed_at timestamptz,
    -- Until when the customer may reopen; set when the ticket is closed or withdrawn (a resolved one can always be reopened).
    reopen_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (kind = 'complaint' OR (against IS NULL AND incident_date IS NULL AND reference IS NULL AND wanted_outcome IS NULL))
);
CREATE UNIQUE INDEX tickets_number_key ON tickets (number);
-- Every list is a range of one of these, newest first, ended by id.
CREATE INDEX tickets_updated_at_idx ON tickets (updated_at DESC, id DESC);
CREATE INDEX tickets_created_at_idx ON tickets (created_at DESC, id DESC);
CREATE INDEX tickets_status_updated_at_idx ON tickets (status, updated_at DESC, id DESC);
CREATE INDEX tickets_customer_id_idx ON tickets (customer_id, updated_at DESC, id DESC);
CREATE INDEX tickets_assignee_id_idx ON tickets (assignee_id, updated_at DESC, id DESC);
CREATE INDEX tickets_assignee_status_idx ON tickets (assignee_id, status, updated_at DESC, id DESC);
-- IS NULL does not make an index an ordered one, a partial index does.
CREATE INDEX tickets_unassigned_idx ON tickets (updated_at DESC, id DESC) WHERE assignee_id IS NULL;
CREATE INDEX tickets_service_id_idx ON tickets (service_id, updated_at DESC, id DESC);
CREATE INDEX tickets_subject_words_idx ON tickets USING gin (to_tsvector('simple', subject));
-- When work on a ticket ended, for the numbers of a period.
CREATE INDEX tickets_ended_at_idx ON tickets (COALESCE(resolved_at, closed_at)) WHERE COALESCE(resolved_at, closed_at) IS NOT NULL;

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    seq integer NOT NULL,
    author_id uuid NOT NULL REFERENCES users (id),
    side text NOT NULL CHECK (side IN ('customer', 'agent')),
    body text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 20000),
    quoted_message_id uuid,
    -- The author's own name for it, echoed so that a client recognises what it sent.
    client_key uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (ticket_id, seq),
    UNIQUE (ticket_id, id),
    -- A quote points into the same conversation, or nowhere.
    FOREIGN KEY (ticket_id, quoted_message_id) REFERENCES messages (ticket_id, id)
);
CREATE INDEX messages_author_id_idx ON messages (author_id);
CREATE INDEX messages_quoted_message_id_idx ON messages (quoted_message_id) WHERE quoted_message_id IS NOT NULL;

-- What happened to a ticket besides messages, in the same numbered order.
CREATE TABLE moves (
    ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    seq integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('created', 'status_changed', 'assigned', 'priority_changed', 'contact_changed', 'feedback_given')),
    actor_id uuid REFERENCES users (id),
    -- Small facts: from, to, reason. Never message text.
    data jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ticket_id, seq)
);
CREATE INDEX moves_actor_id_idx ON moves (actor_id);

CREATE TABLE ticket_reads (
    ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seq integer NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX ticket_reads_user_id_idx ON ticket_reads (user_id);

CREATE TABLE feedback (
    ticket_id uuid PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
    customer_id uuid NOT NULL REFERENCES users (id),
    agent_id uuid REFERENCES users (id),
    outcome_rating smallint NOT NULL CHECK (outcome_rating BETWEEN 1 AND 5),
    agent_rating smallint CHECK (agent_rating BETWEEN 1 AND 5),
    comment text CHECK (char_length(comment) <= 2000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX feedback_created_at_idx ON feedback (created_at DESC, ticket_id DESC);
CREATE INDEX feedback_agent_id_idx ON feedback (agent_id, created_at DESC, ticket_id DESC);
CREATE INDEX feedback_customer_id_idx ON feedback (customer_id);

-- Domain events: the audit trail and the outbox in one, appended in the transaction of the change.
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Readers follow (xid, id) below the oldest running transaction, so that late commits are never skipped.
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    kind text NOT NULL,
    actor_id uuid REFERENCES users (id),
    ticket_id uuid REFERENCES tickets (id) ON DELETE SET NULL,
    user_id uuid REFERENCES users (id),
    seq integer,
    -- Small before/after facts. Never message text, never a secret.
    data jsonb NOT NULL DEFAULT '{}',
    -- Whom the live hint goes to: these people, plus all agents and/or all admins.
    audience uuid[] NOT NULL DEFAULT '{}',
    to_agents boolean NOT NULL DEFAULT false,
    to_admins boolean NOT NULL DEFAULT true,
    to_everyone boolean NOT NULL DEFAULT false,
    request_id text,
    ip text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_xid_id_idx ON events (xid, id);
CREATE INDEX events_ticket_id_idx ON events (ticket_id, id);
CREATE INDEX events_actor_id_idx ON events (actor_id, id);
CREATE INDEX events_user_id_idx ON events (user_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
-- The one permitted change is the foreign key's own SET NULL when a ticket is purged.
CREATE TRIGGER events_append_only BEFORE UPDATE ON events FOR EACH ROW
    WHEN (NEW.ticket_id IS NOT NULL OR OLD.ticket_id IS NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_no_delete BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    dedup_key text,
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'done', 'dead')),
    run_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 12,
    leased_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX jobs_ready_idx ON jobs (run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_dead_idx ON jobs (id) WHERE state = 'dead';
CREATE INDEX jobs_done_idx ON jobs (finished_at) WHERE state = 'done';
CREATE UNIQUE INDEX jobs_dedup_key ON jobs (dedup_key) WHERE state = 'ready' AND dedup_key IS NOT NULL;

-- The mail outbox: what to say to whom. Text is rendered when it is sent; codes are derived then and stand nowhere.
CREATE TABLE mails (
    id uuid PRIMARY KEY,
    message_id text NOT NULL UNIQUE,
    user_id uuid REFERENCES users (id),
    ticket_id uuid REFERENCES tickets (id) ON DELETE CASCADE,
    event_id bigint REFERENCES events (id),
    code_id uuid REFERENCES one_time_codes (id) ON DELETE SET NULL,
    to_email text NOT NULL,
    template text NOT NULL,
    params jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dropped', 'failed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    -- One mail per person and event, however often fan-out runs.
    UNIQUE (event_id, user_id, template)
);
CREATE INDEX mails_user_id_idx ON mails (user_id, created_at DESC);
CREATE INDEX mails_ticket_id_idx ON mails (ticket_id, created_at);
CREATE INDEX mails_code_id_idx ON mails (code_id);

-- What a creating request answered, so that a repeat gets the same answer instead of a second effect.
CREATE TABLE idempotency_keys (
    actor_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    route text NOT NULL,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 200),
    body_hash bytea NOT NULL,
    status smallint NOT NULL,
    response jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor_id, route, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
