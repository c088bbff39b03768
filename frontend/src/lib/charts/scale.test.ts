import { expect, test } from 'vitest';
import { shownLabels, valueScale } from './scale.ts';

test('the scale starts at zero, ends round, and keeps whole numbers whole', () => {
	const { y, ticks } = valueScale([1, 2, 3], 100);
	expect(y(0)).toBe(100);
	expect(ticks.every(Number.isInteger)).toBe(true);
	expect(Math.max(...ticks)).toBeGreaterThanOrEqual(3);
});

test('no values and all zeros still make a scale', () => {
	for (const values of [[], [0, 0]]) {
		const { y } = valueScale(values, 100);
		expect(y(0)).toBe(100);
	}
});

test('labels leave room for each other and always include the last', () => {
	expect(shownLabels(3, 300)).toEqual(new Set([0, 1, 2]));
	const shown = shownLabels(30, 300);
	expect(shown.size).toBeLessThanOrEqual(4);
	expect(shown.has(29)).toBe(true);
});
