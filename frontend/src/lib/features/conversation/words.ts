/** What happened to a ticket, as quiet lines in its timeline. */
import { m } from '#lib/paraglide/messages.js';
import type { EntryOf, Ticket } from '#lib/api/types.ts';
import { formatDate } from '#lib/i18n/format.ts';
import { priorityLabel, statusLabel } from '#lib/features/ticket/words.ts';
import type { EventEntry, Viewer } from './merge.ts';

type Mover = { id: string; name: string } | null | undefined;

const isViewer = (who: Mover, viewer: Viewer) => who?.id === viewer.id;

function statusText(entry: EntryOf<'status_changed'>, viewer: Viewer): string {
	const you = isViewer(entry.actor, viewer);
	const name = entry.actor?.name ?? '';
	// Without a person the server itself did it (a timer, a customer's answer).
	if (!entry.actor) return m.ticket_event_status({ status: statusLabel(entry.to) });
	if (entry.to === 'withdrawn')
		return you ? m.ticket_event_you_withdrew() : m.ticket_event_withdrew({ name });
	if (entry.to === 'resolved')
		return you ? m.ticket_event_you_resolved() : m.ticket_event_resolved({ name });
	if (entry.to === 'closed')
		return you ? m.ticket_event_you_closed() : m.ticket_event_closed({ name });
	if (viewer.side === 'customer') {
		if (entry.to === 'pending') return m.ticket_event_waits_for_you({ name });
		if (entry.to === 'on_hold') return m.ticket_event_waits_for_others({ name });
	}
	if (entry.to === 'open' && entry.from === 'pending' && entry.actor.role === 'customer') {
		return you ? m.ticket_event_our_turn() : m.ticket_event_answered({ name });
	}
	const over = entry.from === 'resolved' || entry.from === 'closed' || entry.from === 'withdrawn';
	if (entry.to === 'open' && over) {
		return you ? m.ticket_event_you_reopened() : m.ticket_event_reopened({ name });
	}
	const status = statusLabel(entry.to);
	return you ? m.ticket_event_you_status({ status }) : m.ticket_event_status_by({ name, status });
}

function assignedText(entry: EntryOf<'assigned'>, viewer: Viewer): string {
	if (!entry.to) return m.ticket_event_unassigned();
	const toYou = isViewer(entry.to, viewer);
	if (toYou && isViewer(entry.actor, viewer)) return m.ticket_event_you_took();
	if (toYou) return m.ticket_event_assigned_you();
	if (viewer.side === 'customer') return m.ticket_event_looks_after({ name: entry.to.name });
	return entry.from
		? m.ticket_event_handed_over({ from: entry.from.name, to: entry.to.name })
		: m.ticket_event_assigned({ name: entry.to.name });
}

/** One sentence for one event. */
export function eventText(entry: EventEntry, viewer: Viewer): string {
	const you = isViewer(entry.actor, viewer);
	const name = entry.actor?.name ?? '';
	switch (entry.type) {
		case 'status_changed':
			return statusText(entry, viewer);
		case 'assigned':
			return assignedText(entry, viewer);
		case 'priority_changed':
			return m.ticket_event_priority({ priority: priorityLabel(entry.to) });
		case 'contact_changed':
			return you ? m.ticket_event_you_contact() : m.ticket_event_contact({ name });
		case 'feedback_given': {
			const stars = String(entry.outcome_rating);
			return you ? m.ticket_event_you_rated({ stars }) : m.ticket_event_rated({ name, stars });
		}
	}
}

/** Why nobody may write on this ticket now; undefined while they may. */
export function closedText(
	ticket: Pick<Ticket, 'status' | 'messages_open' | 'reopen_until' | 'can'>
): string | undefined {
	if (ticket.messages_open) return undefined;
	const until = ticket.reopen_until && formatDate(ticket.reopen_until);
	const reopen = ticket.can.reopen && until;
	if (ticket.status === 'withdrawn') {
		return reopen ? m.ticket_withdrawn_reopen({ date: until }) : m.ticket_withdrawn_final();
	}
	return reopen ? m.ticket_closed_reopen({ date: until }) : m.ticket_closed_final();
}
