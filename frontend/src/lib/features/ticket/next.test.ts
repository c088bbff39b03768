import { describe, expect, it } from 'vitest';
import type { Entry, TicketStatus } from '#lib/api/types.ts';
import { addWorkingDays, standing } from './next.ts';

const asha = { id: 'asha', name: 'Asha', avatar: null, online: false };
const answer = {
	type: 'message',
	seq: 3,
	at: '2026-11-21T10:00:00Z',
	actor: null,
	id: 'm',
	side: 'agent',
	body: 'hello',
	body_html: '<p>hello</p>',
	redacted: false,
	quoted: null,
	client_id: null
} satisfies Entry;

describe('standing', () => {
	it.each<[TicketStatus, boolean, boolean, ReturnType<typeof standing>]>([
		['open', false, false, { step: 0, state: 'going', turn: 'desk' }],
		['open', true, false, { step: 1, state: 'going', turn: 'agent' }],
		['open', true, true, { step: 2, state: 'going', turn: 'agent' }],
		['pending', true, false, { step: 2, state: 'going', turn: 'customer' }],
		['on_hold', true, true, { step: 2, state: 'going', turn: 'other' }],
		['resolved', true, true, { step: 3, state: 'going', turn: 'confirm' }],
		['closed', true, true, { step: 4, state: 'done', turn: 'nobody' }],
		['withdrawn', false, false, { step: 0, state: 'stopped', turn: 'nobody' }],
		['withdrawn', true, true, { step: 2, state: 'stopped', turn: 'nobody' }]
	])('%s, assigned %s, answered %s', (status, assigned, answered, expected) => {
		const ticket = { status, assignee: assigned ? asha : null };
		expect(standing(ticket, answered ? [answer] : [])).toEqual(expected);
	});
});

describe('addWorkingDays', () => {
	it.each([
		['2026-11-19T09:00:00Z', 1, '2026-11-20T09:00:00.000Z'],
		// Friday to Monday, and from a Saturday too.
		['2026-11-20T09:00:00Z', 1, '2026-11-23T09:00:00.000Z'],
		['2026-11-21T09:00:00Z', 1, '2026-11-23T09:00:00.000Z'],
		['2026-11-20T09:00:00Z', 3, '2026-11-25T09:00:00.000Z']
	])('%s + %i', (from, days, expected) => {
		expect(addWorkingDays(from, days).toISOString()).toBe(expected);
	});
});
