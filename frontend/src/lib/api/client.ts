/**
 * The typed API client for signed-in and public calls alike: adds the access token, renews it when it
 * has run out, and repeats the request once. Use with `call`:
 *
 *   const ticket = await call(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } }));
 */
import { session } from '#lib/auth/session.svelte.ts';
import { createClient, reach } from './http.ts';

export { call } from './http.ts';

function withToken(request: Request, token: string | undefined): Request {
	if (token) request.headers.set('authorization', `Bearer ${token}`);
	return request;
}

async function authorizedFetch(request: Request): Promise<Response> {
	const token = await session.token();
	const again = token ? request.clone() : undefined;
	const response = await reach(withToken(request, token));
	if (response.status !== 401 || !again) return response;
	// The token was refused: ended early, or the clock is off. One fresh token, one more try.
	const fresh = await session.renew(token);
	return fresh ? reach(withToken(again, fresh)) : response;
}

export const api = createClient({ credentials: 'omit', fetch: authorizedFetch });

/** The same with cookies, for what is tied to this browser too. Send `csrf` along. */
export const apiWithCookies = createClient({ credentials: 'include', fetch: authorizedFetch });

/** Headers for a creating POST. */
export const once = (key: string): { header: { 'Idempotency-Key': string } } => ({
	header: { 'Idempotency-Key': key }
});

/** Headers that refuse the change when somebody else changed the thing since `version`. */
export const ifMatch = (version: number | undefined): { header?: { 'If-Match': string } } =>
	version === undefined ? {} : { header: { 'If-Match': `"${version}"` } };
