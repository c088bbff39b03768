DROP TABLE idempotency_keys, mails, jobs, events, feedback, ticket_reads, moves, messages, tickets, services, rate_counters, one_time_codes, sessions, users;
DROP FUNCTION refuse_change();
DROP SEQUENCE ticket_numbers;
