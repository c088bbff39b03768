import { requireUser } from '#lib/auth/guard.ts';
import { locale } from '#lib/i18n/locale.svelte.ts';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ url }) => {
	await requireUser(url, 'admin');
	await locale.needDesk();
};
