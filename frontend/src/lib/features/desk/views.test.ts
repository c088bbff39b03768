import { describe, expect, it } from 'vitest';
import {
	deskViews,
	filterCount,
	listFilters,
	listQuery,
	neighbour,
	parseList,
	plainList,
	statusesOf
} from './views.ts';

const read = (view: string, query = '') => parseList(view, new URLSearchParams(query));
const service = '0193b6f0-5c1e-7a4e-9d8e-1f2a3b4c5d6e';

describe('the address of a list', () => {
	it('reads an address without filters as the plain view', () => {
		expect(read('waiting')).toEqual({ view: 'waiting', q: '', sort: 'updated' });
	});

	it('survives a round trip for every view', () => {
		const query = `q=late+refund&kind=complaint&priority=high&service=${service}&sort=created`;
		for (const view of deskViews) {
			const list = { ...read(view, query), status: statusesOf(view)[0] };
			expect(parseList(view, new URLSearchParams(listQuery(list)))).toEqual(list);
		}
	});

	it('says nothing about what is as usual', () => {
		expect(listQuery(read('mine'))).toBe('');
		expect(listQuery(read('mine', 'q=%20&sort=updated'))).toBe('');
	});

	it('carries the view when a ticket is open', () => {
		expect(listQuery(read('unassigned', 'q=a%26b'), true)).toBe('?view=unassigned&q=a%26b');
	});

	it('leaves out what it does not know', () => {
		const list = read('nowhere', 'status=lost&kind=poem&priority=7&service=x%27--&sort=colour');
		expect(list).toEqual({ view: 'mine', q: '', sort: 'updated' });
	});

	it('cannot widen a view by a filter', () => {
		expect(read('waiting', 'status=closed').status).toBeUndefined();
		expect(read('all', 'status=closed').status).toBe('closed');
	});

	it('keeps search words within what the API takes', () => {
		expect(read('mine', `q=${'x'.repeat(500)}`).q).toHaveLength(200);
	});
});

describe('what the API is asked for', () => {
	it('asks for my active tickets', () => {
		expect(listFilters(read('mine'))).toEqual({
			assignee: 'me',
			status: ['open', 'pending', 'on_hold']
		});
	});

	it('asks for tickets nobody has', () => {
		expect(listFilters(read('unassigned'))).toMatchObject({ assignee: 'none' });
	});

	it('asks for every state without naming them', () => {
		expect(listFilters(read('all'))).toEqual({ assignee: 'me' });
	});

	it('narrows by filters, words and order', () => {
		const query = `status=pending&q=card&kind=question&priority=urgent&service=${service}&sort=created`;
		expect(listFilters(read('mine', query))).toEqual({
			assignee: 'me',
			status: ['pending'],
			q: 'card',
			kind: 'question',
			priority: 'urgent',
			service_id: service,
			sort: 'created'
		});
	});

	it('counts filters, and clears them without leaving the view', () => {
		const list = read('all', 'status=open&kind=question&q=card&sort=created');
		expect(filterCount(list)).toBe(2);
		expect(plainList(list)).toEqual({ view: 'all', q: '', sort: 'created' });
	});
});

describe('next and previous', () => {
	it('steps through the rows and stops at both ends', () => {
		expect(neighbour(3, 0, 1, 0)).toBe(1);
		expect(neighbour(3, 2, 1, 2)).toBeUndefined();
		expect(neighbour(3, 0, -1, 0)).toBeUndefined();
	});

	it('starts at the top', () => {
		expect(neighbour(3, -1, 1, -1)).toBe(0);
		expect(neighbour(3, -1, -1, -1)).toBeUndefined();
		expect(neighbour(0, -1, 1, -1)).toBeUndefined();
	});

	it('goes on from where a ticket was that has left the list', () => {
		expect(neighbour(3, -1, 1, 1)).toBe(1);
		expect(neighbour(3, -1, -1, 1)).toBe(0);
		expect(neighbour(3, -1, 1, 3)).toBe(2);
		expect(neighbour(3, -1, -1, 0)).toBeUndefined();
	});
});
