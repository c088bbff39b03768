import { QueryClient } from '@tanstack/svelte-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HintSink, type Hint } from './hints.ts';
import { keys } from './keys.ts';
import { deferred } from './testing.ts';

const ID = '0190-ticket';
const hint = (kind: Hint['kind'], more: Partial<Hint> = {}): Hint => ({
	kind,
	ticket_id: ID,
	seq: null,
	version: null,
	...more
});

let client: QueryClient;
let sink: HintSink;
let touched: unknown[];
const reload = vi.fn();

beforeEach(() => {
	vi.useFakeTimers();
	client = new QueryClient();
	touched = [];
	vi.spyOn(client, 'invalidateQueries').mockImplementation(async (filters) => {
		touched.push(filters?.queryKey);
	});
	client.setQueryData(keys.ticket('CCR-1042'), { id: ID, number: 'CCR-1042', version: 4 });
	client.setQueryData(keys.timeline('CCR-1042'), { items: [], upTo: 7, hasOlder: false });
	sink = new HintSink(client, reload);
});
afterEach(() => {
	sink.stop();
	vi.useRealTimers();
});

test('a message refreshes the ticket under the name it is shown by, its timeline and the lists', () => {
	sink.take(hint('message.posted', { seq: 8, version: 5 }));
	vi.runAllTimers();
	expect(touched).toEqual(
		expect.arrayContaining([
			keys.ticket('CCR-1042'),
			keys.timeline('CCR-1042'),
			keys.ticketLists,
			keys.ticketCounts
		])
	);
});

test('what is known already is not fetched again', () => {
	sink.take(hint('message.posted', { seq: 7, version: 4 }));
	vi.runAllTimers();
	expect(touched).not.toContainEqual(keys.timeline('CCR-1042'));
	expect(touched).not.toContainEqual(keys.ticket('CCR-1042'));
});

test('a burst is one refetch of each thing', () => {
	for (let seq = 8; seq < 108; seq++) sink.take(hint('message.posted', { seq }));
	vi.runAllTimers();
	expect(
		touched.filter((key) => key === keys.ticketLists || String(key) === String(keys.ticketLists))
	).toHaveLength(1);
});

test('a read mark touches the ticket only', () => {
	sink.take(hint('message.read'));
	vi.runAllTimers();
	expect(touched).toEqual([keys.ticket('CCR-1042')]);
});

test("one's own change reloads oneself", () => {
	sink.take(hint('user.changed', { ticket_id: null }));
	vi.runAllTimers();
	expect(reload).toHaveBeenCalledOnce();
});

test('after a gap everything that moves is fetched', () => {
	sink.resync();
	vi.runAllTimers();
	expect(touched).toEqual([keys.tickets, keys.people, keys.feedbackLists, keys.dashboards]);
});

test('while a change is on its way, nothing fetches over its guess', async () => {
	const answer = deferred<undefined>();
	const change = client.getMutationCache().build(client, { mutationFn: () => answer.promise });
	const changed = change.execute(undefined);
	await vi.advanceTimersByTimeAsync(0);
	sink.take(hint('ticket.changed', { version: 5 }));
	await vi.advanceTimersByTimeAsync(1000);
	expect(touched).toEqual([]);
	answer.resolve(undefined);
	await changed;
	await vi.advanceTimersByTimeAsync(1000);
	expect(touched).toContainEqual(keys.ticket('CCR-1042'));
});
