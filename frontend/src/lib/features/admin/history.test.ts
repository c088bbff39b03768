import { expect, test } from 'vitest';
import type { Entry } from '#lib/api/types.ts';
import { historyDays } from './history.ts';

const dayOf = (at: string) => at.slice(0, 10);
let seq = 0;
const message = (at: string, side: 'customer' | 'agent', name: string): Entry => ({
	type: 'message',
	seq: ++seq,
	at,
	id: String(seq),
	side,
	redacted: true,
	body: null,
	body_html: null,
	quoted: null,
	client_id: null,
	actor: { id: name, name, avatar: null, role: side }
});
const assigned = (at: string): Entry => ({
	type: 'assigned',
	seq: ++seq,
	at,
	actor: { id: 'g', name: 'Grace', avatar: null, role: 'admin' },
	from: null,
	to: { id: 'r', name: 'Ravi', avatar: null },
	note: null
});

test('messages of one person in a row are one line with their number', () => {
	const days = historyDays(
		[
			message('2026-11-20T10:00:00Z', 'customer', 'Maya'),
			message('2026-11-20T10:01:00Z', 'customer', 'Maya'),
			message('2026-11-20T10:05:00Z', 'agent', 'Ravi'),
			message('2026-11-20T10:06:00Z', 'customer', 'Maya')
		],
		dayOf
	);
	expect(days).toHaveLength(1);
	expect(days[0]?.rows).toMatchObject([
		{ type: 'messages', name: 'Maya', count: 1 },
		{ type: 'messages', name: 'Ravi', side: 'agent', count: 1 },
		{
			type: 'messages',
			name: 'Maya',
			count: 2,
			at: '2026-11-20T10:00:00Z',
			until: '2026-11-20T10:01:00Z'
		}
	]);
});

test('an event and a new day break a run; the newest is on top', () => {
	const days = historyDays(
		[
			message('2026-11-20T10:00:00Z', 'customer', 'Maya'),
			assigned('2026-11-20T10:01:00Z'),
			message('2026-11-20T10:02:00Z', 'customer', 'Maya'),
			message('2026-11-21T10:00:00Z', 'customer', 'Maya')
		],
		dayOf
	);
	expect(days.map(({ day, rows }) => [day, rows.map(({ type }) => type)])).toEqual([
		['2026-11-21', ['messages']],
		['2026-11-20', ['messages', 'event', 'messages']]
	]);
});
