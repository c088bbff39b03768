/** Trips to link a provider to one's account. Apart from those to sign in, whose pages should stay small. */
import { apiWithCookies } from '#lib/api/client.ts';
import { call } from '#lib/api/http.ts';
import type { Provider } from '#lib/api/types.ts';
import { forget, remember, to, type Brought, type Trip } from './trip.ts';

/** Sets out: the provider's page. Takes the password once more, from whoever has one. */
export async function setOutToLink(
	{ name, label }: Provider,
	current_password: string | null
): Promise<string> {
	const { authorization_url } = await call(
		apiWithCookies.POST('/api/v1/me/identities/{provider}/start', {
			...to(name),
			body: { current_password }
		})
	);
	remember({ name, label, link: true });
	return authorization_url;
}

export async function finishLinking(trip: Trip, returned: Brought): Promise<void> {
	await call(
		apiWithCookies.POST('/api/v1/me/identities/{provider}/finish', {
			...to(trip.name),
			body: returned
		})
	);
	forget();
}
