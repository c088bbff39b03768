/**
 * The way to an identity provider's page and back to `/callback/{provider}`. What somebody set out for is remembered in
 * this tab; that it is the same browser, the API knows by a cookie no script sees.
 */
import { call, csrf, http } from '#lib/api/http.ts';
import type { Me, Provider } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import { pending } from './after.ts';

const TRIP = 'care_provider_trip';

export interface Trip extends Provider {
	/** To link it to the account of whoever is signed in, instead of signing in. */
	link: boolean;
	/** A code was mailed there: it has to be typed. */
	email?: string;
	/** Seconds until another code may be asked for, counted from when the form appears. */
	wait?: number;
}

/** What the provider's page brought back. */
export type Returned = { error: string } | Brought | undefined;
export interface Brought {
	state: string;
	code: string;
	iss?: string;
}

/** The trip that this tab is on, if it is one to this provider. */
export function tripTo(provider: string): Trip | undefined {
	try {
		const trip = JSON.parse(sessionStorage.getItem(TRIP) ?? 'null') as Trip | null;
		return trip?.name === provider ? trip : undefined;
	} catch {
		return undefined;
	}
}

export const remember = (trip: Trip): void => sessionStorage.setItem(TRIP, JSON.stringify(trip));

export const forget = (): void => sessionStorage.removeItem(TRIP);

/** Which provider, and the proof that it is our own page that asks. */
export const to = (provider: string) => ({ params: { path: { provider } }, headers: csrf });

/** Sets out to sign in: the provider's page. `next` is where to go on afterwards. */
export async function setOut({ name, label }: Provider, next: string | null): Promise<string> {
	const answer = http.POST('/api/v1/auth/providers/{provider}/start', to(name));
	const { authorization_url } = await call(answer);
	pending.keepNext(next);
	remember({ name, label, link: false });
	return authorization_url;
}

/** Reads what the address brought back. It leaves the address at once, so that no code stays in the history. */
export function takeReturned(): Returned {
	const query = new URLSearchParams(location.search);
	if (location.search) history.replaceState(history.state, '', location.pathname);
	const [error, state, code, iss] = ['error', 'state', 'code', 'iss'].map((name) =>
		query.get(name)
	);
	if (error) return { error };
	if (!state || !code) return undefined;
	return { state, code, ...(iss && { iss }) };
}

/** Who is signed in now; or where a code was mailed to, on a first visit. */
export async function finish(
	trip: Trip,
	returned: Brought
): Promise<{ user: Me } | { email: string; wait: number }> {
	const answer = await call(
		http.POST('/api/v1/auth/providers/{provider}/finish', {
			...to(trip.name),
			// Of the mail on a first visit, and of the new account.
			headers: { ...csrf, 'accept-language': getLocale() },
			body: { ...returned, session: 'cookie' }
		})
	);
	if (!('email' in answer)) return { user: arrived(session.admit(answer)) };
	const asked = { email: answer.email, wait: answer.retry_after_seconds };
	remember({ ...trip, ...asked });
	return asked;
}

/** The mailed code of a first visit: signs in. */
export async function proveAddress(code: string): Promise<Me> {
	const body = { code, session: 'cookie' as const };
	const answer = http.POST('/api/v1/auth/providers/prove-address', { body, headers: csrf });
	return arrived(session.admit(await call(answer)));
}

/** Mails another code; answers how many seconds to wait before the next. */
export async function mailCodeAgain(): Promise<number> {
	const answer = http.POST('/api/v1/auth/providers/prove-address/resend', { headers: csrf });
	return (await call(answer)).retry_after_seconds;
}

function arrived(user: Me): Me {
	forget();
	return user;
}
