/**
 * Giving tickets to agents: shown at once, undone by giving them back. When a ticket changed under our hands it only
 * matters whether it went to somebody else: a new message must not stop an assignment.
 */
import { createContext } from 'svelte';
import { api, call, ifMatch } from '#lib/api/client.ts';
import { isApiError, report, UnreachableError } from '#lib/api/errors.ts';
import { keys } from '#lib/api/keys.ts';
import { askNow, queryClient } from '#lib/api/query-client.ts';
import { createTicketChange, refreshTicket } from '#lib/api/queries/ticket-changes.ts';
import { invalidateTicketLists, putTicket, ticketOptions } from '#lib/api/queries/tickets.ts';
import type { Ticket, TicketStatus } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';
import { toasts } from '#lib/ui/toast.svelte.ts';

/** What has to be known of a ticket; a row of a list is enough. */
export interface Assignable {
	id: string;
	number: string;
	version: number;
	assignee?: { id: string; name: string } | null;
}

/** An agent, or nobody. */
export type Recipient = { id: string; name: string } | null;

/** Somebody else was quicker: the ticket has another agent than the one on screen. */
export class ElsewhereError extends Error {
	readonly ticket: Ticket;
	constructor(ticket: Ticket) {
		super('The ticket went to somebody else.');
		this.name = 'ElsewhereError';
		this.ticket = ticket;
	}
}

/** Closed and withdrawn tickets stay as they are. */
export const canBeAssigned = (status: TicketStatus): boolean =>
	status !== 'closed' && status !== 'withdrawn';

export const isWith = (ticket: Pick<Assignable, 'assignee'>, who: Recipient): boolean =>
	(ticket.assignee?.id ?? null) === (who?.id ?? null);

/** The newest state, if it is still with the same agent. */
async function sameAsSeen(seen: Assignable): Promise<Ticket> {
	const fresh = await askNow(ticketOptions(seen.number));
	putTicket(fresh);
	if (!isWith(fresh, seen.assignee ?? null)) throw new ElsewhereError(fresh);
	return fresh;
}

/** Assigns one of many: no toast, no optimism; the caller keeps the account. */
export async function assignQuietly(seen: Assignable, to: Recipient): Promise<Ticket> {
	const send = (version: number) =>
		call(
			api.POST('/api/v1/tickets/{id}/assign', {
				params: { path: { id: seen.id }, ...ifMatch(version) },
				body: { assignee_id: to?.id ?? null }
			})
		);
	let ticket: Ticket;
	try {
		ticket = await send(seen.version);
	} catch (error) {
		if (!isApiError(error, 'stale_version')) throw error;
		const fresh = await sameAsSeen(seen).catch((late: unknown) => {
			// Somebody did exactly this already.
			if (late instanceof ElsewhereError && isWith(late.ticket, to)) return undefined;
			throw late;
		});
		ticket = fresh ? await send(fresh.version) : await askNow(ticketOptions(seen.number));
	}
	putTicket(ticket);
	return ticket;
}

/** Everything that counts tickets or agents' work. */
export function refreshWork(): void {
	invalidateTicketLists();
	void queryClient.invalidateQueries({ queryKey: keys.dashboards });
	void queryClient.invalidateQueries({ queryKey: keys.people });
}

/** Why it could not be assigned, in a short phrase after the ticket's number. */
export function refusal(error: unknown, to: Recipient): string | undefined {
	if (error instanceof ElsewhereError) {
		const name = error.ticket.assignee?.name;
		return name ? m.admin_assign_elsewhere({ name }) : m.admin_assign_taken_off();
	}
	if (isApiError(error, 'invalid') && to) return m.admin_assign_inactive({ name: to.name });
	if (isApiError(error, 'conflict', 'illegal_move')) return m.admin_assign_final();
	return undefined;
}

/** The next one would meet this error too. */
export const stopsAll = (error: unknown): boolean =>
	error instanceof UnreachableError ||
	isApiError(
		error,
		'invalid',
		'forbidden',
		'unauthenticated',
		'session_ended',
		'rate_limited',
		'unavailable'
	);

/** Make it during component setup. */
export class Assigning {
	#change = createTicketChange({ quiet: true });
	/** The id of the ticket that is being assigned. */
	readonly busy: string | undefined = $derived(
		this.#change.isPending ? this.#change.variables?.id : undefined
	);

	async #send(
		seen: Assignable,
		to: Recipient,
		note: string | undefined,
		version: number | undefined
	): Promise<Ticket> {
		const change = { do: 'assign' as const, assignee: to, note };
		try {
			return await this.#change.mutateAsync({ id: seen.id, change, version });
		} catch (error) {
			if (!isApiError(error, 'stale_version')) throw error;
			const fresh = await sameAsSeen(seen);
			return await this.#change.mutateAsync({ id: seen.id, change, version: fresh.version });
		}
	}

	/** True when the ticket is with them now. */
	async one(seen: Assignable, to: Recipient, note?: string): Promise<boolean> {
		if (isWith(seen, to)) return true;
		const before = seen.assignee ?? null;
		const { number } = seen;
		try {
			const now = await this.#send(seen, to, note?.trim() || undefined, seen.version);
			toasts.show({
				id: `assigned-${seen.id}`,
				text: to
					? m.admin_assigned({ number, name: to.name })
					: m.admin_assigned_nobody({ number }),
				action: { label: m.common_undo(), run: () => void this.#back(now, before) }
			});
			return true;
		} catch (error) {
			return this.#refused(error, seen, to, note);
		} finally {
			refreshWork();
		}
	}

	async #back(ticket: Assignable, to: Recipient): Promise<void> {
		const { number } = ticket;
		try {
			await this.#send(ticket, to, undefined, ticket.version);
			toasts.success(
				to ? m.admin_assigned_back({ number, name: to.name }) : m.admin_assigned_nobody({ number })
			);
		} catch (error) {
			this.#refused(error, ticket, to);
		} finally {
			refreshWork();
		}
	}

	#refused(error: unknown, seen: Assignable, to: Recipient, note?: string): boolean {
		const { number } = seen;
		if (error instanceof ElsewhereError) {
			const { ticket } = error;
			if (isWith(ticket, to)) return true;
			toasts.show({
				id: `assigned-${seen.id}`,
				text: `${number}: ${refusal(error, to)}`,
				tone: 'warning',
				action: {
					label: m.admin_assign_anyway(),
					run: () => void this.one({ ...ticket, number }, to, note)
				}
			});
		} else {
			const why = refusal(error, to);
			if (why) toasts.show({ text: `${number}: ${why}`, tone: 'warning' });
			else report(error);
			refreshTicket(seen.id);
		}
		return false;
	}
}

export const [getAssigning, setAssigning] = createContext<Assigning>();
