import { describe, expect, it } from 'vitest';
import { countOf, listFilters, listQuery, readShow } from './list.ts';

const counts = {
	open: 1,
	pending: 2,
	on_hold: 4,
	resolved: 8,
	closed: 16,
	withdrawn: 32,
	unassigned: 0,
	mine: 0,
	unread: 0
};

describe('the list in the address', () => {
	it('reads what it writes, and takes nonsense for everything', () => {
		expect(readShow(new URLSearchParams(listQuery('active', '')))).toBe('active');
		expect(readShow(new URLSearchParams('?show=toString'))).toBe('all');
		expect(listQuery('all', '  ')).toBe('');
		expect(listQuery('closed', ' router & co ')).toBe('?show=closed&q=router+%26+co');
	});

	it('asks the API for the right tickets', () => {
		expect(listFilters('all', '')).toEqual({ limit: 15 });
		expect(listFilters('active', 'bill')).toEqual({
			limit: 15,
			status: ['open', 'pending', 'on_hold'],
			q: 'bill'
		});
		expect(listFilters('all', 'x'.repeat(300)).q).toHaveLength(200);
	});

	it('counts each group', () => {
		expect(countOf(counts, 'all')).toBe(63);
		expect(countOf(counts, 'active')).toBe(7);
		expect(countOf(counts, 'closed')).toBe(48);
	});
});
