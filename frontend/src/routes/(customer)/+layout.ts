import { requireUser } from '#lib/auth/guard.ts';
import { session } from '#lib/auth/session.svelte.ts';
import type { LayoutLoad } from './$types';

/** For customers. Raising a ticket is open to visitors too: the account comes last. */
export const load: LayoutLoad = async ({ url, route, depends }) => {
	depends('care:session');
	// The frame of the list is drawn while the session is renewed; the layout then has this decided again.
	if (route.id === '/(customer)/tickets' && session.status === 'unknown')
		return { undecided: true };
	if (route.id === '/(customer)/tickets/new') {
		await session.ready();
		if (!session.user) return;
	}
	await requireUser(url, 'customer');
};
