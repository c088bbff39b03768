import type { ClientInit, HandleClientError } from '@sveltejs/kit/hooks';
import { describe } from '#lib/api/errors.ts';
import { meta } from '#lib/api/meta.svelte.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { locale } from '#lib/i18n/locale.svelte.ts';

/** An error that ends in an error page, in words for people. */
export const handleError: HandleClientError = (caught) => {
	// Our own `error(…)` already speaks; for SvelteKit's (404) the page has its own words.
	if (caught.kind !== 'unknown') return;
	console.error(caught.error);
	return describe(caught.error);
};

export const init: ClientInit = () => {
	// Under way while the page's own scripts are still coming.
	void meta.load();
	void session.ready();
	return locale.start();
};
