import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import { Gradual } from './gradual.svelte.ts';

/** What was drawn, step by step, of a list that is fetched after it is shown first. */
async function steps(whole: boolean): Promise<(number | 'prepared')[]> {
	const seen: (number | 'prepared')[] = [];
	let count = $state(0);
	const stop = $effect.root(() => {
		const rows = new Gradual(
			() => count,
			whole,
			() => seen.push('prepared')
		);
		$effect(() => {
			if (count > 0) seen.push(rows.drawn);
		});
	});
	flushSync();
	count = 15;
	await vi.waitFor(() => expect(seen.at(-1)).toBe(15));
	stop();
	return seen;
}

test('a screen of rows is drawn once what they need is there, the rest in steps', async () => {
	expect(await steps(false)).toEqual([0, 'prepared', 6, 12, 15]);
});

test('who comes back finds all rows at once', async () => {
	expect(await steps(true)).toEqual([15]);
});
