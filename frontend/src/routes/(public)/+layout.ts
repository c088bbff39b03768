import { session } from '#lib/auth/session.svelte.ts';

/** Visitors are welcome; we only want to know who is there before the first paint. */
export async function load(): Promise<void> {
	await session.ready();
}
