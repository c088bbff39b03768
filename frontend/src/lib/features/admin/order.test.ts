import { expect, test } from 'vitest';
import { inOrder, moved, sameOrder } from './order.ts';

test('one thing moves, the others close up', () => {
	expect(moved(['a', 'b', 'c'], 'a', 1)).toEqual(['b', 'a', 'c']);
	expect(moved(['a', 'b', 'c'], 'c', 0)).toEqual(['c', 'a', 'b']);
	expect(moved(['a', 'b', 'c'], 'b', 9)).toEqual(['a', 'c', 'b']);
	expect(moved(['a', 'b'], 'x', 0)).toEqual(['a', 'b']);
});

test('an order survives services that came or went meanwhile', () => {
	const list = [{ id: 'new' }, { id: 'a' }, { id: 'b' }];
	expect(inOrder(list, ['b', 'gone', 'a']).map(({ id }) => id)).toEqual(['b', 'a', 'new']);
});

test('the same order needs no request', () => {
	expect(sameOrder(['a', 'b'], ['a', 'b'])).toBe(true);
	expect(sameOrder(['a', 'b'], ['b', 'a'])).toBe(false);
	expect(sameOrder(['a'], ['a', 'b'])).toBe(false);
});
