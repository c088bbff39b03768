import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keys } from './keys.ts';
import { queryClient } from './query-client.ts';
import {
	loadOlder,
	mergeEntries,
	putEntry,
	timelineOptions,
	type Timeline
} from './queries/timeline.ts';
import { json, useFakeStorage } from './testing.ts';
import type { Entry } from './types.ts';

const entry = (seq: number): Entry => ({ type: 'created', seq, at: '', actor: null }) as Entry;
const seqs = (timeline: Timeline | undefined) => timeline?.items.map(({ seq }) => seq);

/** A server that has entries 1..last. */
let last = 0;
let asked: string[];

beforeEach(() => {
	useFakeStorage();
	queryClient.clear();
	asked = [];
	vi.stubGlobal('fetch', async ({ url }: Request) => {
		const query = new URL(url).searchParams;
		asked.push(query.toString());
		const limit = Number(query.get('limit'));
		const all = Array.from({ length: last }, (_, index) => index + 1);
		const after = query.get('after');
		const found = after
			? all.filter((seq) => seq > Number(after))
			: all.filter((seq) => seq < Number(query.get('before'))).reverse();
		const page = found.slice(0, limit).sort((a, b) => a - b);
		return json({ items: page.map(entry), last_seq: last, more: found.length > limit });
	});
});
afterEach(() => vi.unstubAllGlobals());

const load = () => queryClient.fetchQuery({ ...timelineOptions('T'), staleTime: 0 });
const shown = () => queryClient.getQueryData<Timeline>(keys.timeline('T'));

test('the newest page comes first, older ones on request, in order', async () => {
	last = 120;
	const first = await load();
	expect([first.items[0]?.seq, first.upTo, first.hasOlder]).toEqual([71, 120, true]);
	await loadOlder('T');
	await loadOlder('T');
	expect(seqs(shown())).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
	expect(shown()?.hasOlder).toBe(false);
	await loadOlder('T');
	expect(asked).toHaveLength(3);
});

test('afterwards only what is new is asked for, page by page', async () => {
	last = 3;
	await load();
	last = 160;
	asked = [];
	await load();
	expect(seqs(shown())).toEqual(Array.from({ length: 160 }, (_, index) => index + 1));
	expect(asked[0]).toContain('after=3');
	expect(asked).toHaveLength(4);
});

test('an acknowledged message shows at once, and a gap before it is still filled', async () => {
	last = 3;
	await load();
	putEntry('T', entry(5));
	expect(seqs(shown())).toEqual([1, 2, 3, 5]);
	expect(shown()?.upTo).toBe(3);
	last = 5;
	await load();
	expect(seqs(shown())).toEqual([1, 2, 3, 4, 5]);
	putEntry('T', entry(5));
	expect(seqs(shown())).toEqual([1, 2, 3, 4, 5]);
});

test('merging keeps each entry once', () => {
	const merged = mergeEntries([entry(2), entry(1)], [entry(3), entry(2)]);
	expect(merged.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});
