/**
 * Which tickets an admin looks at, read from and written to the address, so that a reload, a link and "back" find the
 * same list.
 */
import type { TicketFilters, TicketKind, TicketPriority, TicketStatus } from '#lib/api/types.ts';
import { kinds, priorities, statuses } from '#lib/features/ticket/words.ts';

/** Statuses that are asked for together. */
export const statusGroups = {
	unfinished: ['open', 'pending', 'on_hold'],
	done: ['resolved', 'closed']
} as const satisfies Record<string, readonly TicketStatus[]>;
export type StatusGroup = keyof typeof statusGroups;
export const statusChoices = ['unfinished', ...statuses, 'done'] as const;
export type StatusChoice = (typeof statusChoices)[number];

/** When a ticket was raised: so many hours or days ago, or within so many days, today included. */
export const raisedChoices = ['1d', '1-3d', '3-7d', '7d+', '7', '30', '90'] as const;
export type Raised = (typeof raisedChoices)[number];

export const sorts = ['updated', 'created'] as const;
export type TicketSort = (typeof sorts)[number];

export const NOBODY = 'none';

export interface TicketListPlace {
	q: string;
	status?: StatusChoice;
	kind?: TicketKind;
	priority?: TicketPriority;
	service?: string;
	/** An agent's id, or `none`. */
	assignee?: string;
	customer?: string;
	raised?: Raised;
	sort: TicketSort;
}

/** What narrows the list; each is a parameter of the address with the same name. */
export const filterNames = [
	'status',
	'kind',
	'priority',
	'service',
	'assignee',
	'customer',
	'raised'
] as const;
export type FilterName = (typeof filterNames)[number];

const Q_MAX = 200;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const oneOf = <T extends string>(all: readonly T[], text: string | null): T | undefined =>
	all.find((one) => one === text);
/** An id of the address, if it is one. */
export const readId = (text: string | null): string | undefined =>
	text && ID.test(text) ? text : undefined;

/** What it does not know is left out: an old or mistyped link still works. */
export function readPlace(query: Pick<URLSearchParams, 'get'>): TicketListPlace {
	const assignee = query.get('assignee');
	return {
		q: (query.get('q') ?? '').trim().slice(0, Q_MAX),
		status: oneOf(statusChoices, query.get('status')),
		kind: oneOf(kinds, query.get('kind')),
		priority: oneOf(priorities, query.get('priority')),
		service: readId(query.get('service')),
		assignee: assignee === NOBODY ? NOBODY : readId(assignee),
		customer: readId(query.get('customer')),
		raised: oneOf(raisedChoices, query.get('raised')),
		sort: oneOf(sorts, query.get('sort')) ?? 'updated'
	};
}

/** The query of the address ("" or "q=…"), without what is as usual. */
export function placeQuery(place: Partial<TicketListPlace>): string {
	const query = new URLSearchParams();
	if (place.q) query.set('q', place.q);
	for (const name of filterNames) {
		const value = place[name];
		if (value) query.set(name, value);
	}
	if (place.sort && place.sort !== 'updated') query.set('sort', place.sort);
	return query.toString();
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The bounds of `raised`, seen from `now`. Days are UTC days, as on the dashboard. */
export function raisedBetween(raised: Raised, now: number): { from?: string; to?: string } {
	const ago = (days: number) => new Date(now - days * DAY).toISOString();
	switch (raised) {
		case '1d':
			return { from: ago(1) };
		case '1-3d':
			return { from: ago(3), to: ago(1) };
		case '3-7d':
			return { from: ago(7), to: ago(3) };
		case '7d+':
			return { to: ago(7) };
		default: {
			const midnight = Math.floor(now / DAY) * DAY;
			return { from: new Date(midnight - (Number(raised) - 1) * DAY).toISOString() };
		}
	}
}

/** The statuses of a choice. */
export const statusesOf = (choice: StatusChoice): readonly TicketStatus[] =>
	choice === 'unfinished' || choice === 'done' ? statusGroups[choice] : [choice];

/** What the API is asked for. */
export function apiFilters(place: TicketListPlace, now: number): TicketFilters {
	const { from, to } = place.raised ? raisedBetween(place.raised, now) : {};
	return {
		...(place.q ? { q: place.q } : {}),
		...(place.status ? { status: [...statusesOf(place.status)] } : {}),
		...(place.kind ? { kind: place.kind } : {}),
		...(place.priority ? { priority: place.priority } : {}),
		...(place.service ? { service_id: place.service } : {}),
		...(place.assignee ? { assignee: place.assignee } : {}),
		...(place.customer ? { customer_id: place.customer } : {}),
		...(from ? { created_from: from } : {}),
		...(to ? { created_to: to } : {}),
		...(place.sort === 'created' ? { sort: 'created' as const } : {})
	};
}

/** How many filters narrow the list (search and order are seen elsewhere). */
export const filterCount = (place: TicketListPlace): number =>
	filterNames.filter((name) => place[name]).length;
