/** The customer's list: which tickets are shown, read from and written to the address. */
import type { TicketCounts, TicketFilters, TicketStatus } from '#lib/api/types.ts';
import { statuses } from './status.ts';

export const shows = ['all', 'active', 'pending', 'resolved', 'closed'] as const;
export type Show = (typeof shows)[number];

const groups: Record<Exclude<Show, 'all'>, readonly TicketStatus[]> = {
	active: ['open', 'pending', 'on_hold'],
	pending: ['pending'],
	resolved: ['resolved'],
	closed: ['closed', 'withdrawn']
};

/** A screen of a phone twice over: more is fetched as one scrolls. */
const PAGE = 15;

type Params = Pick<URLSearchParams, 'get'>;

export function readShow(params: Params): Show {
	const wanted = params.get('show');
	return shows.find((show) => show === wanted) ?? 'all';
}

/** As the API wants it. */
export function listFilters(show: Show, words: string): TicketFilters {
	const filters: TicketFilters = { limit: PAGE };
	if (show !== 'all') filters.status = [...groups[show]];
	const q = words.trim().slice(0, 200);
	if (q) filters.q = q;
	return filters;
}

/** The query of the address, empty for the plain list. */
export function listQuery(show: Show, words: string): string {
	const query = new URLSearchParams();
	if (show !== 'all') query.set('show', show);
	if (words.trim()) query.set('q', words.trim());
	const text = query.toString();
	return text && `?${text}`;
}

export const countOf = (counts: TicketCounts, show: Show): number =>
	(show === 'all' ? statuses : groups[show]).reduce((sum, status) => sum + counts[status], 0);
