import { requireUser } from '#lib/auth/guard.ts';
import { session } from '#lib/auth/session.svelte.ts';
import type { LayoutLoad } from './$types';

/** For customers. Raising a ticket is open to visitors too: the account comes last. */
export const load: LayoutLoad = async ({ url, route }) => {
	if (route.id === '/(customer)/tickets/new') {
		await session.ready();
		if (!session.user) return;
	}
	await requireUser(url, 'customer');
};
