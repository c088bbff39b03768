/**
 * What an agent does to a ticket: shown at once, undone by the opposite move where there is one, and when the ticket
 * changed under our hands said in plain words instead of a number.
 */
import { isApiError, report } from '#lib/api/errors.ts';
import { askNow } from '#lib/api/query-client.ts';
import {
	createTicketChange,
	refreshTicket,
	type TicketChange
} from '#lib/api/queries/ticket-changes.ts';
import { ticketOptions } from '#lib/api/queries/tickets.ts';
import { timelineOptions } from '#lib/api/queries/timeline.ts';
import type { Ticket, TicketPriority, TicketStatus } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { priorityLabel } from '#lib/features/ticket/words.ts';
import { m } from '#lib/paraglide/messages.js';
import { toasts } from '#lib/ui/toast.svelte.ts';
import { moveAllowed, type Move } from './legal.ts';

const movedWords: Record<Move, (input: { number: string }) => string> = {
	open: m.agent_moved_open,
	pending: m.agent_moved_pending,
	on_hold: m.agent_moved_on_hold,
	resolved: m.agent_moved_resolved
};

/** The newest state, if everything that happened since we looked is our own doing (a reply that has just been sent). */
async function onlyOurs(seen: Ticket): Promise<Ticket | undefined> {
	const fresh = await askNow(ticketOptions(seen.number));
	const timeline = await askNow(timelineOptions(seen.number));
	const news = timeline.items.filter((entry) => entry.seq > seen.last_seq);
	const me = session.user?.id;
	return news.every((entry) => entry.actor?.id === me) ? fresh : undefined;
}

/** Make it during component setup. */
export class TicketMoves {
	#change = createTicketChange({ quiet: true });
	/** The id of the ticket that is being changed. */
	readonly busy: string | undefined = $derived(
		this.#change.isPending ? this.#change.variables?.id : undefined
	);

	async #send(ticket: Ticket, change: TicketChange, guarded: boolean): Promise<Ticket | undefined> {
		try {
			const version = guarded ? ticket.version : undefined;
			return await this.#change.mutateAsync({ id: ticket.id, change, version });
		} catch (error) {
			return this.#refused(ticket, change, error);
		}
	}

	async #refused(
		ticket: Ticket,
		change: TicketChange,
		error: unknown
	): Promise<Ticket | undefined> {
		const { number } = ticket;
		if (isApiError(error, 'stale_version')) {
			const fresh = await onlyOurs(ticket).catch(() => undefined);
			if (fresh) return this.#send(fresh, change, false);
			toasts.show({ text: m.agent_stale({ number }), tone: 'warning' });
		} else if (isApiError(error, 'forbidden', 'not_found', 'conflict') && change.do === 'take') {
			toasts.show({ text: m.agent_take_late({ number }), tone: 'warning' });
		} else if (isApiError(error, 'forbidden', 'not_found')) {
			toasts.show({ text: m.agent_gone_toast({ number }), tone: 'warning' });
		} else report(error);
		return undefined;
	}

	/** Changes the status; `guarded` refuses when something happened that the agent has not seen. */
	async status(ticket: Ticket, to: Move, guarded = true): Promise<boolean> {
		const from = ticket.status;
		const id = `moved-${ticket.id}`;
		// Its undo would lead back to before the last move, and not to before this one.
		toasts.dismiss(id);
		const now = await this.#send(ticket, { do: 'status', status: to }, guarded);
		if (!now) return false;
		const text = movedWords[to]({ number: ticket.number });
		if (moveAllowed(now, from) || moveAllowed(now, 'open')) {
			const run = () => void this.#back(now, from);
			toasts.show({ id, text, action: { label: m.common_undo(), run } });
		} else toasts.show({ id, text, tone: 'success' });
		return true;
	}

	/** Back to where it was; from "resolved" the way leads over "open". */
	async #back(ticket: Ticket, to: TicketStatus): Promise<void> {
		const direct = moveAllowed(ticket, to);
		const status = direct ? to : 'open';
		const now = await this.#send(ticket, { do: 'status', status }, false);
		if (now && !direct && moveAllowed(now, to)) {
			await this.#send(now, { do: 'status', status: to }, false);
		}
	}

	/** After one's own message: the message itself has moved the ticket on, other news must be seen first. */
	async statusAfterReply(seen: Ticket, to: Move): Promise<void> {
		let fresh: Ticket | undefined;
		try {
			fresh = await onlyOurs(seen);
		} catch (error) {
			// The reply went out, and what to do about the status is the agent's to say again.
			report(error);
			return;
		}
		if (fresh) await this.status(fresh, to);
		else {
			refreshTicket(seen.id);
			toasts.show({ text: m.agent_then_news({ number: seen.number }), tone: 'warning' });
		}
	}

	/** `open` is offered beside the news, when the ticket is not in front of the agent. */
	async take(ticket: Ticket, open?: () => void): Promise<void> {
		if (!(await this.#send(ticket, { do: 'take' }, false))) return;
		const text = m.agent_taken({ number: ticket.number });
		const action = open && { label: m.agent_action_open_row(), run: open };
		toasts.show({ text, action, tone: 'success' });
	}

	async priority(ticket: Ticket, priority: TicketPriority): Promise<void> {
		const before = ticket.priority;
		if (before === priority) return;
		const now = await this.#send(ticket, { do: 'priority', priority }, false);
		if (!now) return;
		toasts.show({
			id: `priority-${ticket.id}`,
			text: m.agent_moved_priority({ number: ticket.number, priority: priorityLabel(priority) }),
			action: {
				label: m.common_undo(),
				run: () => void this.#send(now, { do: 'priority', priority: before }, false)
			}
		});
	}
}
