/**
 * What the agent's list shows, and how the address bar says it: the view, the search words, the filters and the
 * order all live in the URL, so that a reload, a link and "back" find the same list.
 */
import type { TicketFilters, TicketKind, TicketPriority, TicketStatus } from '#lib/api/types.ts';
import { kinds, priorities } from '#lib/features/ticket/words.ts';

export const deskViews = ['mine', 'unassigned', 'waiting', 'on_hold', 'resolved', 'all'] as const;
export type DeskView = (typeof deskViews)[number];

export const sorts = ['updated', 'created'] as const;
export type DeskSort = (typeof sorts)[number];

/** One list: a view with the filters laid over it. */
export interface DeskList {
	view: DeskView;
	q: string;
	status?: TicketStatus;
	kind?: TicketKind;
	priority?: TicketPriority;
	service?: string;
	sort: DeskSort;
}

/** The states each view is about; a filter can only narrow them. */
const viewStatuses: Record<DeskView, readonly TicketStatus[]> = {
	mine: ['open', 'pending', 'on_hold'],
	unassigned: ['open', 'pending', 'on_hold'],
	waiting: ['pending'],
	on_hold: ['on_hold'],
	resolved: ['resolved', 'closed'],
	all: ['open', 'pending', 'on_hold', 'resolved', 'closed', 'withdrawn']
};

export const statusesOf = (view: DeskView): readonly TicketStatus[] => viewStatuses[view];

export const isDeskView = (text: string | null | undefined): text is DeskView =>
	deskViews.includes(text as DeskView);

const Q_MAX = 200;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function oneOf<T extends string>(all: readonly T[], text: string | null): T | undefined {
	return all.find((one) => one === text);
}

/** Reads a list from the address. What it does not know is left out: an old or mistyped link still works. */
export function parseList(
	view: string | null | undefined,
	query: Pick<URLSearchParams, 'get'>
): DeskList {
	const known = isDeskView(view) ? view : 'mine';
	const service = query.get('service');
	return {
		view: known,
		q: (query.get('q') ?? '').trim().slice(0, Q_MAX),
		status: oneOf(viewStatuses[known], query.get('status')),
		kind: oneOf(kinds, query.get('kind')),
		priority: oneOf(priorities, query.get('priority')),
		service: service && ID.test(service) ? service : undefined,
		sort: oneOf(sorts, query.get('sort')) ?? 'updated'
	};
}

/** The query part of the address ("" or "?q=…"), without what is as usual. */
export function listQuery(list: DeskList, withView = false): string {
	const query = new URLSearchParams();
	if (withView) query.set('view', list.view);
	if (list.q) query.set('q', list.q);
	for (const name of ['status', 'kind', 'priority', 'service'] as const) {
		const value = list[name];
		if (value) query.set(name, value);
	}
	if (list.sort !== 'updated') query.set('sort', list.sort);
	const text = query.toString();
	return text && `?${text}`;
}

/** What the API is asked for. */
export function listFilters(list: DeskList): TicketFilters {
	const statuses = list.status ? [list.status] : viewStatuses[list.view];
	return {
		assignee: list.view === 'unassigned' ? 'none' : 'me',
		// Without the parameter the API answers every state.
		...(statuses.length < 6 ? { status: [...statuses] } : {}),
		...(list.q ? { q: list.q } : {}),
		...(list.kind ? { kind: list.kind } : {}),
		...(list.priority ? { priority: list.priority } : {}),
		...(list.service ? { service_id: list.service } : {}),
		...(list.sort === 'created' ? { sort: 'created' as const } : {})
	};
}

/** How many filters narrow the view (search and order are seen elsewhere). */
export const filterCount = ({ status, kind, priority, service }: DeskList): number =>
	[status, kind, priority, service].filter(Boolean).length;

/** The same view with nothing laid over it. */
export const plainList = ({ view, sort }: DeskList): DeskList => ({ view, q: '', sort });

/**
 * The row to go to from `current`, `step` rows on. When the open ticket has left the list (it was resolved, say),
 * its old place counts: the row that moved up into it is the next one.
 */
export function neighbour(
	count: number,
	current: number,
	step: 1 | -1,
	lastIndex: number
): number | undefined {
	if (count === 0) return undefined;
	if (current < 0) {
		if (lastIndex < 0) return step === 1 ? 0 : undefined;
		const next = step === 1 ? lastIndex : lastIndex - 1;
		return next >= 0 && next < count ? next : next >= count ? count - 1 : undefined;
	}
	const next = current + step;
	return next >= 0 && next < count ? next : undefined;
}
