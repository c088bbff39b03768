import { requireUser } from '#lib/auth/guard.ts';
import type { LayoutLoad } from './$types';

/** Each role's account sits in its own frame; only that one is loaded. */
export const load: LayoutLoad = async ({ url }) => {
	const { role } = await requireUser(url);
	const shell =
		role === 'customer'
			? await import('#lib/features/shell/CustomerShell.svelte')
			: await import('#lib/features/shell/DeskAccount.svelte');
	return { Shell: shell.default };
};
