import { expect, test } from 'vitest';
import { move, openPicture, place } from './picture.ts';

const wide = { width: 200, height: 100 };
const whole = { zoom: 1, x: 0, y: 0 };

test('a picture covers the square, its middle first', () => {
	expect(place(wide, whole, 100)).toMatchObject({ left: -50, top: 0, width: 200, height: 100 });
	expect(place(wide, { ...whole, zoom: 2 }, 100)).toMatchObject({ left: -150, top: -50 });
});

test('it can be moved to its edges and no further', () => {
	const edge = move(wide, whole, 999, 999, 100);
	expect(edge).toEqual({ zoom: 1, x: 1, y: 0 });
	expect(place(wide, edge, 100).left).toBe(0);
	expect(place(wide, move(wide, whole, -999, 0, 100), 100).left).toBe(-100);
	expect(move(wide, whole, 25, 0, 100).x).toBe(0.5);
});

test('what cannot be a picture is not opened', async () => {
	const file = (type: string, size = 1) => new File([new Uint8Array(size)], 'f', { type });
	expect(await openPicture(file('application/pdf'))).toBe('kind');
	expect(await openPicture(file('image/png', 40_000_001))).toBe('size');
	expect(await openPicture(file('image/png'))).toBe('broken');
});
