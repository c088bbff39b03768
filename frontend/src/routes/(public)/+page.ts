import { redirect } from '@sveltejs/kit';
import { landingPage } from '#lib/auth/landing.ts';
import { session } from '#lib/auth/session.svelte.ts';

/** The home page is for customers; agents and admins start at their desk. */
export async function load(): Promise<void> {
	await session.ready();
	const role = session.user?.role;
	if (role && role !== 'customer') redirect(307, landingPage(role));
}
