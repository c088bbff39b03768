/**
 * The bare typed client: no token, no retry. `client.ts` puts the session on top;
 * the session itself uses this one.
 */
import createClient from 'openapi-fetch';
import { apiError, isAbort, UnreachableError } from './errors.ts';
import type { paths } from './schema.gen.ts';

/** Empty when the API serves this app; set at build time when the app lives on an origin of its own. */
export const apiOrigin: string = import.meta.env.VITE_API_URL ?? '';

const TIME_LIMIT_MS = 20_000;

/** fetch that gives up after a while and says "unreachable" instead of TypeError. */
export async function reach(request: Request): Promise<Response> {
	const limit = AbortSignal.timeout(TIME_LIMIT_MS);
	try {
		return await fetch(request, { signal: AbortSignal.any([request.signal, limit]) });
	} catch (error) {
		if (isAbort(error) && !limit.aborted) throw error;
		throw new UnreachableError(error);
	}
}

export const http = createClient<paths>({
	baseUrl: apiOrigin,
	credentials: 'include',
	fetch: reach
});

interface Result<T> {
	data?: T;
	error?: unknown;
	response: Response;
}

/** The data, or a thrown ApiError. */
export async function call<T>(result: Promise<Result<T>>): Promise<T> {
	const { data, error, response } = await result;
	if (!response.ok) throw apiError(response, error);
	return data as T;
}
