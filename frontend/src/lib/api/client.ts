/**
 * The typed API client for signed-in and public calls alike: adds the access token, renews it when it
 * has run out, and repeats the request once. Use with `call`:
 *
 *   const ticket = await call(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } }));
 */
import { session } from '#lib/auth/session.svelte.ts';
import { apiError } from './errors.ts';
import { apiOrigin, createClient, reach } from './http.ts';

export { call } from './http.ts';

function withToken(request: Request, token: string | undefined): Request {
	if (token) request.headers.set('authorization', `Bearer ${token}`);
	return request;
}

async function authorizedFetch(request: Request, limitMs?: number): Promise<Response> {
	const token = await session.token();
	const again = token ? request.clone() : undefined;
	const response = await reach(withToken(request, token), limitMs);
	if (response.status !== 401 || !again) return response;
	// The token was refused: ended early, or the clock is off. One fresh token, one more try.
	const fresh = await session.renew(token);
	return fresh ? reach(withToken(again, fresh), limitMs) : response;
}

/** Pictures and archives take their time. */
const TRANSFER_LIMIT_MS = 5 * 60_000;

/** For what is not JSON, either way: the answer, if it is a good one; else a thrown ApiError. */
export async function transfer(path: string, init: RequestInit = {}): Promise<Response> {
	const request = new Request(apiOrigin + path, { ...init, credentials: 'omit' });
	const response = await authorizedFetch(request, TRANSFER_LIMIT_MS);
	if (response.ok) return response;
	throw apiError(response, await response.json().catch(() => undefined));
}

export const api = createClient({
	credentials: 'omit',
	fetch: (request) => authorizedFetch(request)
});

/** The same with cookies, for what is tied to this browser too. Send `csrf` along. */
export const apiWithCookies = createClient({
	credentials: 'include',
	fetch: (request) => authorizedFetch(request)
});

/** Headers for a creating POST. */
export const once = (key: string): { header: { 'Idempotency-Key': string } } => ({
	header: { 'Idempotency-Key': key }
});

/** Headers that refuse the change when somebody else changed the thing since `version`. */
export const ifMatch = (version: number | undefined): { header?: { 'If-Match': string } } =>
	version === undefined ? {} : { header: { 'If-Match': `"${version}"` } };
