import { expect, test, vi } from 'vitest';
import { inTurn } from './in-turn.ts';

test('one after the other, with an account of each', async () => {
	let busy = 0;
	const progress = vi.fn();
	const outcome = await inTurn(
		[1, 2, 3],
		async (n) => {
			expect(++busy).toBe(1);
			await Promise.resolve();
			busy--;
			if (n === 2) throw new Error('two');
			return n * 10;
		},
		{ onprogress: progress }
	);
	expect(outcome.done).toEqual([
		{ item: 1, result: 10 },
		{ item: 3, result: 30 }
	]);
	expect(outcome.failed).toMatchObject([{ item: 2, error: { message: 'two' } }]);
	expect(outcome.left).toEqual([]);
	expect(progress.mock.calls).toEqual([
		[1, 3],
		[2, 3],
		[3, 3]
	]);
});

test('stops when asked to, and leaves the rest alone', async () => {
	let stop = false;
	const outcome = await inTurn(
		['a', 'b', 'c'],
		async (name) => {
			stop = name === 'b';
			return name;
		},
		{ stopped: () => stop }
	);
	expect(outcome.done.map(({ item }) => item)).toEqual(['a', 'b']);
	expect(outcome.left).toEqual(['c']);
});

test('does not run on against a wall', async () => {
	const work = vi.fn(() => Promise.reject(new Error('offline')));
	const outcome = await inTurn(['a', 'b', 'c'], work, { hopeless: () => true });
	expect(work).toHaveBeenCalledTimes(1);
	expect(outcome.failed).toHaveLength(1);
	expect(outcome.left).toEqual(['b', 'c']);
});
