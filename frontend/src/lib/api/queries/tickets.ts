/** Tickets: lists, counts, one ticket. Changes are in ticket-changes.ts, the conversation in timeline.ts. */
import {
	createInfiniteQuery,
	createQuery,
	infiniteQueryOptions,
	queryOptions
} from '@tanstack/svelte-query';
import { api, call } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { Ticket, TicketFilters, TicketSummary } from '../types.ts';
import { mapItems, pageQuery, paging, type Pages } from './pages.ts';

/** `ref` may be the number ("CCR-1042") or the id. */
export const ticketOptions = (ref: string) =>
	queryOptions({
		queryKey: keys.ticket(ref),
		queryFn: ({ signal }) =>
			call(api.GET('/api/v1/tickets/{id}', { params: { path: { id: ref } }, signal }))
	});

export const createTicketQuery = (ref: () => string) => createQuery(() => ticketOptions(ref()));

export const ticketListOptions = (filters: TicketFilters) =>
	infiniteQueryOptions({
		queryKey: keys.ticketList(filters),
		queryFn: ({ pageParam, signal }) =>
			call(
				api.GET('/api/v1/tickets', {
					params: { query: { ...pageQuery(pageParam), ...filters } },
					signal
				})
			),
		...paging
	});

/** Read the rows with `allItems(query.data, (ticket) => ticket.id)`; `query.fetchNextPage()` loads more. */
export const createTicketListQuery = (filters: () => TicketFilters) =>
	createInfiniteQuery(() => ticketListOptions(filters()));

export const ticketCountsOptions = queryOptions({
	queryKey: keys.ticketCounts,
	queryFn: ({ signal }) => call(api.GET('/api/v1/tickets/counts', { signal }))
});

export const createTicketCountsQuery = () => createQuery(() => ticketCountsOptions);

/** Every name (`ref`) under which the ticket with this id is in the cache. */
export function refsOf(id: string): string[] {
	const refs = new Set([id]);
	for (const [key, ticket] of queryClient.getQueriesData<Ticket>({ queryKey: keys.ticketOnes })) {
		if (ticket?.id === id) refs.add(String(key[2]));
	}
	return [...refs];
}

/** Puts a ticket the API just sent wherever it is shown; an older answer never replaces a newer one. */
export function putTicket(ticket: Ticket): void {
	for (const ref of [...refsOf(ticket.id), ticket.number]) {
		queryClient.setQueryData<Ticket>(keys.ticket(ref), (old) =>
			old && old.version > ticket.version ? old : ticket
		);
	}
	patchSummaries(ticket.id, {
		status: ticket.status,
		priority: ticket.priority,
		assignee: ticket.assignee,
		version: ticket.version
	});
}

/** Changes the row of a ticket in every loaded list. */
export function patchSummaries(id: string, patch: Partial<TicketSummary>): void {
	queryClient.setQueriesData<Pages<TicketSummary>>({ queryKey: keys.ticketLists }, (data) =>
		mapItems(data, (row) => (row.id === id ? { ...row, ...patch } : row))
	);
}

/** Lists and counts may have changed; whatever is on screen is fetched again. */
export function invalidateTicketLists(): void {
	void queryClient.invalidateQueries({ queryKey: keys.ticketLists });
	void queryClient.invalidateQueries({ queryKey: keys.ticketCounts });
}
