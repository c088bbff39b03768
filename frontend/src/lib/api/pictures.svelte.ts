/**
 * People's pictures. The API gives them to whoever may see the person, so they are fetched with the token and shown from
 * memory. Another picture has another address: the browser keeps what was fetched once.
 */
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { session } from '#lib/auth/session.svelte.ts';
import { transfer } from './client.ts';
import { isTemporary } from './errors.ts';

const found = new SvelteMap<string, string>();
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody draws what was asked
const asked = new Set<string>();

session.on((event) => {
	if (event === 'signed-in') return;
	for (const url of found.values()) URL.revokeObjectURL(url);
	found.clear();
	asked.clear();
});

/** For `setPictures`. */
export function pictureAt(address: string): string | undefined {
	const url = found.get(address);
	if (url === undefined) untrack(() => void load(address));
	return url;
}

async function load(address: string): Promise<void> {
	if (asked.has(address)) return;
	asked.add(address);
	const owner = session.user?.id;
	try {
		const picture = await (await transfer(address)).blob();
		if (owner === session.user?.id) found.set(address, URL.createObjectURL(picture));
	} catch (error) {
		// The initials stay. Whoever draws the person next time asks again, if that may help.
		if (isTemporary(error)) asked.delete(address);
	}
}
