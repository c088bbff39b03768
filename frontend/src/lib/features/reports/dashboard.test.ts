import { expect, test } from 'vitest';
import { changeOf, readPeriod, span, topServices, valuesOf } from './dashboard.ts';

test('the period is one of three; 30 days unless asked otherwise', () => {
	expect(readPeriod(new URLSearchParams('days=90'))).toBe('90');
	expect(readPeriod(new URLSearchParams('days=31'))).toBe('30');
	expect(readPeriod(new URLSearchParams())).toBe('30');
});

test('a change is a share of what was before', () => {
	expect(changeOf(30, 20)).toEqual({ direction: 'up', amount: 10, ratio: 0.5 });
	expect(changeOf(10, 20)).toEqual({ direction: 'down', amount: -10, ratio: -0.5 });
	expect(changeOf(7, 7)).toEqual({ direction: 'same', amount: 0, ratio: 0 });
});

test('of few things it is an amount, never a division by nothing', () => {
	expect(changeOf(3, 1)).toEqual({ direction: 'up', amount: 2, ratio: undefined });
	expect(changeOf(3, 0)?.ratio).toBeUndefined();
	expect(changeOf(null, 4)).toBeUndefined();
	expect(changeOf(4, null)).toBeUndefined();
});

test('days without a rating are no zeros', () => {
	expect(valuesOf([{ value: 4 }, { value: null }, {}, { value: 0 }])).toEqual([4, 0]);
});

test('a lone last service is shown by itself', () => {
	const rows = [5, 4, 3, 2, 1].map((count) => ({ count }));
	expect(topServices(rows, 4)).toEqual({ top: rows, rest: 0 });
	expect(topServices(rows, 3)).toEqual({ top: rows.slice(0, 3), rest: 3 });
});

test('a time is said in the unit a person would use', () => {
	expect(span(24.4)).toEqual({ value: 24, unit: 'minute' });
	expect(span(150)).toEqual({ value: 2.5, unit: 'hour' });
	expect(span(3 * 24 * 60)).toEqual({ value: 3, unit: 'day' });
});
