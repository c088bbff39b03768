import { expect, test } from 'vitest';
import { apiFilters, filterCount, placeQuery, raisedBetween, readPlace } from './tickets.ts';

const read = (query: string) => readPlace(new URLSearchParams(query));
const ID = '019c7a54-c7f0-7d10-8b1c-0123456789ab';
const NOON = Date.UTC(2026, 10, 21, 12);

test('an address is read and written back as it was', () => {
	const query = `q=card&status=unfinished&kind=complaint&priority=urgent&service=${ID}&assignee=none&customer=${ID}&raised=1-3d&sort=created`;
	expect(placeQuery(read(query))).toBe(query);
	expect(filterCount(read(query))).toBe(7);
	expect(placeQuery(read(''))).toBe('');
});

test('what nobody knows is left out', () => {
	const place = read('status=lost&kind=&assignee=me&service=1&raised=400&sort=name&customer=x');
	expect(placeQuery(place)).toBe('');
	expect(read(`q=${'x'.repeat(300)}`).q).toHaveLength(200);
});

test('groups of statuses become the statuses the API knows', () => {
	expect(apiFilters(read('status=unfinished'), NOON)).toEqual({
		status: ['open', 'pending', 'on_hold']
	});
	expect(apiFilters(read('status=done'), NOON)).toEqual({ status: ['resolved', 'closed'] });
	expect(apiFilters(read('status=withdrawn'), NOON)).toEqual({ status: ['withdrawn'] });
	expect(apiFilters(read(''), NOON)).toEqual({});
});

test('ages do not overlap and leave nothing between them', () => {
	const bounds = (['1d', '1-3d', '3-7d', '7d+'] as const).map((one) => raisedBetween(one, NOON));
	expect(bounds[0]?.to).toBeUndefined();
	expect(bounds[0]?.from).toBe('2026-11-20T12:00:00.000Z');
	expect(bounds[1]?.to).toBe(bounds[0]?.from);
	expect(bounds[2]?.to).toBe(bounds[1]?.from);
	expect(bounds[3]?.to).toBe(bounds[2]?.from);
	expect(bounds[3]?.from).toBeUndefined();
});

test('"the last days" starts at midnight UTC and counts today, as the dashboard does', () => {
	expect(raisedBetween('7', NOON)).toEqual({ from: '2026-11-15T00:00:00.000Z' });
	expect(raisedBetween('30', NOON)).toEqual({ from: '2026-10-23T00:00:00.000Z' });
});
