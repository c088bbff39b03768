import type { TicketStatus } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';

export const statuses = ['open', 'pending', 'on_hold', 'resolved', 'closed', 'withdrawn'] as const;

const statusWords: Record<TicketStatus, () => string> = {
	open: m.ticket_status_open,
	pending: m.ticket_status_pending,
	on_hold: m.ticket_status_on_hold,
	resolved: m.ticket_status_resolved,
	closed: m.ticket_status_closed,
	withdrawn: m.ticket_status_withdrawn
};

export const statusLabel = (status: TicketStatus): string => statusWords[status]();
