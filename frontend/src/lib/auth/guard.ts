/**
 * For `+layout.ts` / `+page.ts`: sends people where they may be. For comfort only; the API decides.
 */
import { error, redirect } from '@sveltejs/kit';
import type { Me, Role } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';
import { landingPage, safeNext } from './landing.ts';
import { session } from './session.svelte.ts';

type PageUrl = Readonly<Pick<URL, 'pathname' | 'search'>> & {
	readonly searchParams: Pick<URLSearchParams, 'get'>;
};

/** The signed-in person, if they have one of `roles` (any, when none is given) and nothing to do first. */
export async function requireUser(url: PageUrl, ...roles: Role[]): Promise<Me> {
	await session.ready();
	if (session.status === 'unreachable') {
		await session.retry();
		if (session.status === 'unreachable')
			error(503, { message: m.error_unreachable(), retry: true });
	}
	const user = session.user;
	if (!user || session.secondFactorDue) {
		const next = encodeURIComponent(url.pathname + url.search);
		redirect(307, `/${user ? 'second-factor' : 'login'}?next=${next}`);
	}
	if (roles.length > 0 && !roles.includes(user.role)) {
		error(403, { message: m.error_forbidden() });
	}
	return user;
}

/** For sign-in pages: whoever is signed in goes on to where they wanted, or to their start. */
export async function requireGuest(url: PageUrl): Promise<void> {
	await session.ready();
	if (session.user)
		redirect(307, safeNext(url.searchParams.get('next')) ?? landingPage(session.user.role));
}
