import { requireGuest, requireUser } from '#lib/auth/guard.ts';
import { session } from '#lib/auth/session.svelte.ts';
import type { PageLoad } from './$types';

/** Whoever has nothing to set up goes on to where they wanted; visitors sign in first. */
export const load: PageLoad = async ({ url }) => {
	await session.ready();
	if (session.secondFactorDue) return;
	await requireUser(url);
	await requireGuest(url);
};
