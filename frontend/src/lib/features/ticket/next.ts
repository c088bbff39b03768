/** Where a ticket stands and what happens next, for its customer. Pure; the words are in `nextText`. */
import type { Entry, Ticket, TicketStatus } from '#lib/api/types.ts';
import { formatDate } from '#lib/i18n/format.ts';
import { m } from '#lib/paraglide/messages.js';

/** Until service levels say otherwise: an answer is aimed at within this many working days. */
export const REPLY_WORKING_DAYS = 1;

const DAY_MS = 86_400_000;

/** The moment `days` working days (Monday to Friday, UTC) after `from`. */
export function addWorkingDays(from: string, days: number): Date {
	let at = new Date(from).getTime();
	const weekend = () => [0, 6].includes(new Date(at).getUTCDay());
	for (let left = days; left > 0; left--) {
		do at += DAY_MS;
		while (weekend());
	}
	return new Date(at);
}

/** Who has to do the next thing. */
export type Turn = 'desk' | 'agent' | 'customer' | 'other' | 'confirm' | 'nobody';

export interface Standing {
	/** 0 received, 1 assigned, 2 talking, 3 resolved, 4 closed. */
	step: 0 | 1 | 2 | 3 | 4;
	state: 'going' | 'done' | 'stopped';
	turn: Turn;
}

type Of = Pick<Ticket, 'status' | 'assignee'>;

/** `entries`: the timeline as far as it is loaded. */
export function standing(ticket: Of, entries: readonly Entry[]): Standing {
	const answered = entries.some((entry) => entry.type === 'message' && entry.side === 'agent');
	const talking = answered || ticket.status === 'pending';
	const reached = talking ? 2 : ticket.assignee ? 1 : 0;
	const turns: Record<TicketStatus, Turn> = {
		open: ticket.assignee ? 'agent' : 'desk',
		pending: 'customer',
		on_hold: 'other',
		resolved: 'confirm',
		closed: 'nobody',
		withdrawn: 'nobody'
	};
	const turn = turns[ticket.status];
	if (ticket.status === 'withdrawn') return { step: reached, state: 'stopped', turn };
	if (ticket.status === 'closed') return { step: 4, state: 'done', turn };
	return { step: ticket.status === 'resolved' ? 3 : reached, state: 'going', turn };
}

/** One or two sentences: what happens next, by when. */
export function nextText(
	ticket: Pick<Ticket, 'status' | 'assignee' | 'created_at' | 'reopen_until' | 'can'>,
	at: Standing
): string {
	const name = ticket.assignee?.name ?? '';
	const until = ticket.can.reopen && ticket.reopen_until ? formatDate(ticket.reopen_until) : '';
	switch (at.turn) {
		case 'desk': {
			const due = addWorkingDays(ticket.created_at, REPLY_WORKING_DAYS);
			return due.getTime() > Date.now()
				? m.customer_next_desk({ date: formatDate(due) })
				: m.customer_next_desk_soon();
		}
		case 'agent':
			return at.step < 2 ? m.customer_next_assigned({ name }) : m.customer_next_agent({ name });
		case 'customer':
			return m.customer_next_you();
		case 'other':
			return name ? m.customer_next_hold({ name }) : m.customer_next_hold_nobody();
		case 'confirm':
			return m.customer_next_resolved();
		case 'nobody':
			if (ticket.status === 'withdrawn')
				return until
					? m.customer_next_withdrawn_until({ date: until })
					: m.customer_next_withdrawn();
			return until ? m.customer_next_closed_until({ date: until }) : m.customer_next_closed();
	}
}

export const stepLabels = (): string[] => [
	m.customer_step_received(),
	m.customer_step_assigned(),
	m.customer_step_talking(),
	m.customer_step_resolved(),
	m.customer_step_closed()
];
