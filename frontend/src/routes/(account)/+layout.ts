import { requireUser } from '#lib/auth/guard.ts';
import { locale } from '#lib/i18n/locale.svelte.ts';
import type { LayoutLoad } from './$types';

/** Each role's account sits in its own frame; only that one is loaded. */
export const load: LayoutLoad = async ({ url }) => {
	const { role } = await requireUser(url);
	if (role !== 'customer') await locale.needDesk();
	const shell =
		role === 'customer'
			? await import('#lib/features/shell/CustomerShell.svelte')
			: await import('#lib/features/shell/DeskAccount.svelte');
	return { Shell: shell.default };
};
