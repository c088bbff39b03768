/**
 * A ticket's timeline: the newest page first, older ones on request, and after that only what is new
 * (`after=`), so that nothing is lost, doubled or out of order however often the connection breaks.
 */
import { createQuery, queryOptions } from '@tanstack/svelte-query';
import { api, call } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { Entry, Ticket } from '../types.ts';
import { patchSummaries, refsOf } from './tickets.ts';

export interface Timeline {
	/** In the order of `seq`, each once. */
	items: Entry[];
	/** Everything up to this number has been seen. */
	upTo: number;
	hasOlder: boolean;
}

const PAGE = 50;
const NEWEST = 2_147_483_647;

/** Both lists as one, in order, each entry once. */
export function mergeEntries(a: Entry[], b: Entry[]): Entry[] {
	const bySeq = new Map<number, Entry>();
	for (const entry of a) bySeq.set(entry.seq, entry);
	for (const entry of b) bySeq.set(entry.seq, entry);
	return [...bySeq.values()].sort((x, y) => x.seq - y.seq);
}

const page = (ref: string, query: { after?: number; before?: number }, signal?: AbortSignal) =>
	call(
		api.GET('/api/v1/tickets/{id}/timeline', {
			params: { path: { id: ref }, query: { ...query, limit: PAGE } },
			signal
		})
	);

async function newest(ref: string, signal: AbortSignal): Promise<Timeline> {
	const { items, more } = await page(ref, { before: NEWEST }, signal);
	const sorted = mergeEntries([], items);
	return { items: sorted, upTo: sorted.at(-1)?.seq ?? 0, hasOlder: more };
}

async function catchUp(ref: string, known: Timeline, signal: AbortSignal): Promise<Timeline> {
	let { items, upTo } = known;
	for (;;) {
		const next = await page(ref, { after: upTo }, signal);
		items = mergeEntries(items, next.items);
		upTo = Math.max(upTo, next.items.at(-1)?.seq ?? 0);
		if (!next.more || next.items.length === 0) return { ...known, items, upTo };
	}
}

export const timelineOptions = (ref: string) =>
	queryOptions({
		queryKey: keys.timeline(ref),
		queryFn: async ({ signal }): Promise<Timeline> => {
			const known = queryClient.getQueryData<Timeline>(keys.timeline(ref));
			const fetched = known ? await catchUp(ref, known, signal) : await newest(ref, signal);
			// Older pages or a sent message may have arrived while we were asking.
			const now = queryClient.getQueryData<Timeline>(keys.timeline(ref));
			if (!now || now === known) return fetched;
			return {
				items: mergeEntries(now.items, fetched.items),
				upTo: Math.max(now.upTo, fetched.upTo),
				hasOlder: now.hasOlder
			};
		}
	});

export const createTimelineQuery = (ref: () => string) => createQuery(() => timelineOptions(ref()));

/** Loads the page before the oldest entry shown. */
export async function loadOlder(ref: string, signal?: AbortSignal): Promise<void> {
	const known = queryClient.getQueryData<Timeline>(keys.timeline(ref));
	const first = known?.items[0];
	if (!known?.hasOlder || !first) return;
	const older = await page(ref, { before: first.seq }, signal);
	queryClient.setQueryData<Timeline>(keys.timeline(ref), (now) =>
		now ? { ...now, items: mergeEntries(older.items, now.items), hasOlder: older.more } : undefined
	);
}

/** Shows an entry the API just acknowledged, without waiting for the live hint. */
export function putEntry(ticketId: string, entry: Entry): void {
	for (const ref of refsOf(ticketId)) {
		queryClient.setQueryData<Timeline>(keys.timeline(ref), (now) =>
			now
				? {
						...now,
						items: mergeEntries(now.items, [entry]),
						// A gap before it is still to be fetched: `upTo` only moves without one.
						upTo: entry.seq === now.upTo + 1 ? entry.seq : now.upTo
					}
				: undefined
		);
	}
}

/** Tells the other side how far we have read; never goes backwards, never asks twice. */
export async function markRead(
	ticket: Pick<Ticket, 'id' | 'my_read_seq'>,
	seq: number
): Promise<void> {
	if (seq <= ticket.my_read_seq || seq <= (reading.get(ticket.id) ?? 0)) return;
	reading.set(ticket.id, seq);
	try {
		await call(
			api.POST('/api/v1/tickets/{id}/read', { params: { path: { id: ticket.id } }, body: { seq } })
		);
	} catch {
		// Only a mark: the next one carries it too.
		reading.delete(ticket.id);
		return;
	}
	for (const ref of refsOf(ticket.id)) {
		queryClient.setQueryData<Ticket>(keys.ticket(ref), (old) =>
			old && old.my_read_seq < seq ? { ...old, my_read_seq: seq } : old
		);
	}
	patchSummaries(ticket.id, { my_read_seq: seq, unread: false });
	void queryClient.invalidateQueries({ queryKey: keys.ticketCounts });
}
const reading = new Map<string, number>();

const TYPING_EVERY_MS = 3000;
const typedAt = new Map<string, number>();

/** Call on every keystroke: says "is typing" at most every three seconds, and never fails loudly. */
export function sendTyping(ticketId: string): void {
	const now = Date.now();
	if (now - (typedAt.get(ticketId) ?? 0) < TYPING_EVERY_MS) return;
	typedAt.set(ticketId, now);
	const params = { path: { id: ticketId } };
	call(api.POST('/api/v1/tickets/{id}/typing', { params, body: {} })).catch(() => undefined);
}
