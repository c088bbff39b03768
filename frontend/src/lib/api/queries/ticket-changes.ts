/** Everything that changes a ticket. Shown at once, rolled back with a plain explanation when refused. */
import { createMutation } from '@tanstack/svelte-query';
import { api, call, ifMatch, once } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type {
	Body,
	Contact,
	Feedback,
	NewFeedback,
	NewTicket,
	Ticket,
	TicketPriority,
	TicketSummary
} from '../types.ts';
import type { Pages } from './pages.ts';
import { invalidateTicketLists, patchSummaries, putTicket, refsOf } from './tickets.ts';

/** The key is made before the first try and kept for every retry of the same form. */
export interface Creating<T> {
	body: T;
	key: string;
}

/** Raises a ticket. Field errors belong to the form: no toast. */
export const createTicketCreation = () =>
	createMutation(() => ({
		mutationFn: ({ body, key }: Creating<NewTicket>) =>
			call(api.POST('/api/v1/tickets', { params: once(key), body })),
		meta: { quiet: true },
		onSuccess: (ticket: Ticket) => {
			putTicket(ticket);
			invalidateTicketLists();
		}
	}));

export type TicketChange =
	| { do: 'status'; status: Body<'/api/v1/tickets/{id}/status', 'post'>['status']; reason?: string }
	| { do: 'withdraw'; reason?: string }
	| { do: 'confirm' }
	| { do: 'reopen'; reason?: string }
	| { do: 'assign'; assignee: { id: string; name: string } | null; note?: string }
	| { do: 'take' }
	| { do: 'priority'; priority: TicketPriority }
	| { do: 'contact'; contact: Contact };

export interface TicketChangeRequest {
	/** The ticket's id (not its number). */
	id: string;
	change: TicketChange;
	/** Give it to be refused (412) when somebody changed the ticket since. */
	version?: number;
}

function send({ id, change, version }: TicketChangeRequest): Promise<Ticket> {
	const params = { path: { id }, ...ifMatch(version) };
	switch (change.do) {
		case 'status':
			return call(
				api.POST('/api/v1/tickets/{id}/status', {
					params,
					body: { status: change.status, reason: change.reason }
				})
			);
		case 'withdraw':
			return call(
				api.POST('/api/v1/tickets/{id}/withdraw', { params, body: { reason: change.reason } })
			);
		case 'confirm':
			return call(api.POST('/api/v1/tickets/{id}/confirm', { params, body: {} }));
		case 'reopen':
			return call(
				api.POST('/api/v1/tickets/{id}/reopen', { params, body: { reason: change.reason } })
			);
		case 'assign':
			return call(
				api.POST('/api/v1/tickets/{id}/assign', {
					params,
					body: { assignee_id: change.assignee?.id ?? null, note: change.note }
				})
			);
		case 'take':
			return call(api.POST('/api/v1/tickets/{id}/take', { params, body: {} }));
		case 'priority':
			return call(
				api.PATCH('/api/v1/tickets/{id}', { params, body: { priority: change.priority } })
			);
		case 'contact':
			return call(api.PATCH('/api/v1/tickets/{id}', { params, body: { contact: change.contact } }));
	}
}

/** How the change looks before the API has answered. */
function guess(change: TicketChange): Partial<Pick<Ticket, 'status' | 'assignee' | 'priority'>> {
	switch (change.do) {
		case 'status':
			return { status: change.status };
		case 'withdraw':
			return { status: 'withdrawn' };
		case 'confirm':
			return { status: 'closed' };
		case 'reopen':
			return { status: 'open' };
		case 'assign':
			return { assignee: change.assignee && { ...change.assignee, avatar: null, online: false } };
		case 'priority':
			return { priority: change.priority };
		case 'take':
		case 'contact':
			return {};
	}
}

/** `const change = createTicketChange(); change.mutate({ id, change: { do: 'take' } })` */
export const createTicketChange = (options: { quiet?: boolean } = {}) =>
	createMutation(() => ({
		mutationFn: send,
		meta: { quiet: options.quiet ?? false },
		onMutate: async ({ id, change }: TicketChangeRequest) => {
			await queryClient.cancelQueries({ queryKey: keys.ticketOnes });
			await queryClient.cancelQueries({ queryKey: keys.ticketLists });
			const ones = refsOf(id).map(
				(ref) => [ref, queryClient.getQueryData<Ticket>(keys.ticket(ref))] as const
			);
			const lists = queryClient.getQueriesData<Pages<TicketSummary>>({
				queryKey: keys.ticketLists
			});
			const patch = guess(change);
			for (const [ref, ticket] of ones) {
				if (ticket) queryClient.setQueryData<Ticket>(keys.ticket(ref), { ...ticket, ...patch });
			}
			patchSummaries(id, patch);
			return { ones, lists };
		},
		onError: (_error, _request, before) => {
			for (const [ref, ticket] of before?.ones ?? []) {
				if (ticket) queryClient.setQueryData(keys.ticket(ref), ticket);
			}
			for (const [key, list] of before?.lists ?? []) queryClient.setQueryData(key, list);
		},
		onSuccess: putTicket,
		onSettled: (_data, _error, { id }: TicketChangeRequest) => {
			refreshTicket(id);
			invalidateTicketLists();
		}
	}));

/** Fetches a ticket and its timeline again wherever they are shown. */
export function refreshTicket(id: string): void {
	for (const ref of refsOf(id)) {
		void queryClient.invalidateQueries({ queryKey: keys.ticket(ref) });
		void queryClient.invalidateQueries({ queryKey: keys.timeline(ref) });
	}
}

export interface Rating {
	/** The ticket's id. */
	id: string;
	body: NewFeedback;
}

/** Rates a resolved or closed ticket. */
export const createFeedbackChange = () =>
	createMutation(() => ({
		mutationFn: ({ id, body }: Rating) =>
			call(api.PUT('/api/v1/tickets/{id}/feedback', { params: { path: { id } }, body })),
		meta: { quiet: true },
		onSuccess: (feedback: Feedback, { id }: Rating) => {
			for (const ref of refsOf(id)) {
				queryClient.setQueryData<Ticket>(keys.ticket(ref), (old) => old && { ...old, feedback });
			}
		},
		onSettled: (_data, _error, { id }: Rating) => {
			refreshTicket(id);
			void queryClient.invalidateQueries({ queryKey: keys.feedbackLists });
		}
	}));
