// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xid8", schema = "pg_catalog"))]
    pub struct Xid8;
}

diesel::table! {
    avatars (user_id) {
        user_id -> Uuid,
        bytes -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    devices (user_id, device) {
        user_id -> Uuid,
        device -> Uuid,
        first_seen_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        forgotten_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    email_changes (code_id) {
        code_id -> Uuid,
        user_id -> Uuid,
        old_email -> Text,
        new_email -> Text,
        created_at -> Timestamptz,
        changed_at -> Nullable<Timestamptz>,
        undo_until -> Nullable<Timestamptz>,
        undone_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Xid8;

    events (id) {
        id -> Int8,
        xid -> Xid8,
        kind -> Text,
        actor_id -> Nullable<Uuid>,
        ticket_id -> Nullable<Uuid>,
        user_id -> Nullable<Uuid>,
        seq -> Nullable<Int4>,
        data -> Jsonb,
        audience -> Array<Nullable<Uuid>>,
        to_agents -> Bool,
        to_admins -> Bool,
        to_everyone -> Bool,
        request_id -> Nullable<Text>,
        ip -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    exports (user_id) {
        user_id -> Uuid,
        request -> Uuid,
        state -> Text,
        bytes -> Nullable<Bytea>,
        created_at -> Timestamptz,
        ready_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    feedback (ticket_id) {
        ticket_id -> Uuid,
        customer_id -> Uuid,
        agent_id -> Nullable<Uuid>,
        outcome_rating -> Int2,
        agent_rating -> Nullable<Int2>,
        comment -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (actor_id, route, key) {
        actor_id -> Uuid,
        route -> Text,
        key -> Text,
        body_hash -> Bytea,
        status -> Int2,
        response -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    identities (id) {
        id -> Uuid,
        user_id -> Uuid,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        linked_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Int8,
        kind -> Text,
        payload -> Jsonb,
        dedup_key -> Nullable<Text>,
        state -> Text,
        run_at -> Timestamptz,
        attempts -> Int4,
        max_attempts -> Int4,
        leased_until -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    lockdowns (id) {
        id -> Uuid,
        reason -> Text,
        started_at -> Timestamptz,
        started_by -> Nullable<Uuid>,
        ended_at -> Nullable<Timestamptz>,
        ended_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    mails (id) {
        id -> Uuid,
        message_id -> Text,
        user_id -> Nullable<Uuid>,
        ticket_id -> Nullable<Uuid>,
        event_id -> Nullable<Int8>,
        code_id -> Nullable<Uuid>,
        to_email -> Text,
        template -> Text,
        params -> Jsonb,
        state -> Text,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    messages (id) {
        id -> Uuid,
        ticket_id -> Uuid,
        seq -> Int4,
        author_id -> Uuid,
        side -> Text,
        body -> Text,
        quoted_message_id -> Nullable<Uuid>,
        client_key -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    moves (ticket_id, seq) {
        ticket_id -> Uuid,
        seq -> Int4,
        kind -> Text,
        actor_id -> Nullable<Uuid>,
        data -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    notification_choices (user_id, topic, channel) {
        user_id -> Uuid,
        topic -> Text,
        channel -> Text,
        enabled -> Bool,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    one_time_codes (id) {
        id -> Uuid,
        user_id -> Uuid,
        purpose -> Text,
        salt -> Bytea,
        attempts -> Int4,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        voided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    provider_trips (id) {
        id -> Uuid,
        provider -> Text,
        salt -> Bytea,
        link_user_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        returned_at -> Nullable<Timestamptz>,
        user_id -> Nullable<Uuid>,
        issuer -> Nullable<Text>,
        subject -> Nullable<Text>,
        email -> Nullable<Text>,
        name -> Nullable<Text>,
    }
}

diesel::table! {
    rate_counters (bucket, subject) {
        bucket -> Text,
        subject -> Text,
        window_started_at -> Timestamptz,
        hits -> Int4,
    }
}

diesel::table! {
    second_factor_roles (role) {
        role -> Text,
    }
}

diesel::table! {
    second_factors (user_id) {
        user_id -> Uuid,
        salt -> Bytea,
        confirmed_at -> Nullable<Timestamptz>,
        last_step -> Int8,
        recovery_salt -> Bytea,
        recovery_left -> Int4,
    }
}

diesel::table! {
    security_answers (user_id, position) {
        user_id -> Uuid,
        position -> Int2,
        question -> Text,
        answer_hash -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    services (id) {
        id -> Uuid,
        name -> Text,
        description -> Text,
        icon -> Text,
        position -> Int4,
        retired_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        salt -> Bytea,
        generation -> Int4,
        rotated_at -> Timestamptz,
        user_agent -> Text,
        ip -> Text,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        revoked_reason -> Nullable<Text>,
        method -> Text,
        provider -> Nullable<Text>,
        device -> Nullable<Uuid>,
        second_factor_due -> Bool,
    }
}

diesel::table! {
    sign_in_challenges (id) {
        id -> Uuid,
        user_id -> Uuid,
        salt -> Bytea,
        code_id -> Nullable<Uuid>,
        method -> Text,
        provider -> Nullable<Text>,
        attempts -> Int4,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    sign_ins (id) {
        id -> Uuid,
        user_id -> Uuid,
        outcome -> Text,
        method -> Text,
        provider -> Nullable<Text>,
        new_device -> Bool,
        ip -> Text,
        user_agent -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    texts (code_id) {
        code_id -> Uuid,
        user_id -> Uuid,
        phone -> Text,
        state -> Text,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    ticket_reads (ticket_id, user_id) {
        ticket_id -> Uuid,
        user_id -> Uuid,
        seq -> Int4,
        read_at -> Timestamptz,
    }
}

diesel::table! {
    tickets (id) {
        id -> Uuid,
        number -> Int8,
        kind -> Text,
        status -> Text,
        priority -> Text,
        subject -> Text,
        description -> Text,
        service_id -> Nullable<Uuid>,
        customer_id -> Uuid,
        assignee_id -> Nullable<Uuid>,
        contact_name -> Text,
        contact_email -> Text,
        contact_phone -> Nullable<Text>,
        contact_channel -> Text,
        against -> Nullable<Text>,
        incident_date -> Nullable<Date>,
        reference -> Nullable<Text>,
        wanted_outcome -> Nullable<Text>,
        last_seq -> Int4,
        last_message_side -> Nullable<Text>,
        last_message_excerpt -> Nullable<Text>,
        last_message_at -> Nullable<Timestamptz>,
        first_reply_at -> Nullable<Timestamptz>,
        resolved_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        reopen_until -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        role -> Text,
        name -> Text,
        email -> Text,
        email_confirmed_at -> Nullable<Timestamptz>,
        phone -> Nullable<Text>,
        locale -> Text,
        time_zone -> Text,
        password_hash -> Nullable<Text>,
        failed_sign_ins -> Int4,
        failed_window_started_at -> Nullable<Timestamptz>,
        disabled_at -> Nullable<Timestamptz>,
        last_seen_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
        password_change_required_at -> Nullable<Timestamptz>,
        avatar -> Nullable<Text>,
        phone_confirmed_at -> Nullable<Timestamptz>,
        deletion_due_at -> Nullable<Timestamptz>,
        anonymised_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(avatars -> users (user_id));
diesel::joinable!(devices -> users (user_id));
diesel::joinable!(email_changes -> one_time_codes (code_id));
diesel::joinable!(email_changes -> users (user_id));
diesel::joinable!(events -> tickets (ticket_id));
diesel::joinable!(exports -> users (user_id));
diesel::joinable!(feedback -> tickets (ticket_id));
diesel::joinable!(idempotency_keys -> users (actor_id));
diesel::joinable!(identities -> users (user_id));
diesel::joinable!(mails -> events (event_id));
diesel::joinable!(mails -> one_time_codes (code_id));
diesel::joinable!(mails -> tickets (ticket_id));
diesel::joinable!(mails -> users (user_id));
diesel::joinable!(messages -> tickets (ticket_id));
diesel::joinable!(messages -> users (author_id));
diesel::joinable!(moves -> tickets (ticket_id));
diesel::joinable!(moves -> users (actor_id));
diesel::joinable!(notification_choices -> users (user_id));
diesel::joinable!(one_time_codes -> users (user_id));
diesel::joinable!(second_factors -> users (user_id));
diesel::joinable!(security_answers -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(sign_in_challenges -> one_time_codes (code_id));
diesel::joinable!(sign_in_challenges -> users (user_id));
diesel::joinable!(sign_ins -> users (user_id));
diesel::joinable!(texts -> one_time_codes (code_id));
diesel::joinable!(texts -> users (user_id));
diesel::joinable!(ticket_reads -> tickets (ticket_id));
diesel::joinable!(ticket_reads -> users (user_id));
diesel::joinable!(tickets -> services (service_id));

diesel::allow_tables_to_appear_in_same_query!(
    avatars,
    devices,
    email_changes,
    events,
    exports,
    feedback,
    idempotency_keys,
    identities,
    jobs,
    lockdowns,
    mails,
    messages,
    moves,
    notification_choices,
    one_time_codes,
    provider_trips,
    rate_counters,
    second_factor_roles,
    second_factors,
    security_answers,
    services,
    sessions,
    sign_in_challenges,
    sign_ins,
    texts,
    ticket_reads,
    tickets,
    users,
);
