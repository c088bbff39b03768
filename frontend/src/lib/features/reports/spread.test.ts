import { expect, test } from 'vitest';
import { spreadOf } from './spread.ts';

test('every number of stars has its row, five first', () => {
	const { rows, total, average } = spreadOf([5, 4, 5, 1]);
	expect(rows.map(({ count }) => count)).toEqual([2, 1, 0, 0, 1]);
	expect(total).toBe(4);
	expect(average).toBe(3.75);
});

test('without ratings there is no average', () => {
	expect(spreadOf([])).toMatchObject({ total: 0, average: undefined });
});
