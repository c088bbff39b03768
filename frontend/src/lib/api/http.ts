/**
 * The bare typed client: no token, no retry. `client.ts` puts the session on top;
 * the session itself uses this one.
 */
import type { Client } from 'openapi-fetch';
import { apiError, isAbort, UnreachableError } from './errors.ts';
import type { paths } from './schema.gen.ts';
import type { Full } from './types.ts';

type Calls = Pick<Client<paths>, 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>;

/** Empty when the API serves this app; set at build time when the app lives on an origin of its own. */
export const apiOrigin: string = import.meta.env.VITE_API_URL ?? '';

const TIME_LIMIT_MS = 20_000;

/** fetch that gives up after a while and says "unreachable" instead of TypeError. */
export async function reach(request: Request, limitMs = TIME_LIMIT_MS): Promise<Response> {
	const limit = AbortSignal.timeout(limitMs);
	try {
		return await fetch(request, { signal: AbortSignal.any([request.signal, limit]) });
	} catch (error) {
		if (isAbort(error) && !limit.aborted) throw error;
		throw new UnreachableError(error);
	}
}

interface Init {
	params?: {
		path?: Record<string, string | number>;
		query?: Record<string, unknown>;
		header?: Record<string, string | undefined>;
	};
	headers?: HeadersInit;
	body?: unknown;
	signal?: AbortSignal;
}

interface Wiring {
	credentials: RequestCredentials;
	fetch: (request: Request) => Promise<Response>;
}

/** openapi-fetch's typed calls on a few lines of our own: JSON in, JSON out, nothing else is needed here. */
export function createClient({ credentials, fetch }: Wiring): Calls {
	const calls = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [
		method,
		async (path: string, { params = {}, headers, body, signal }: Init = {}) => {
			const request = new Request(address(path, params), {
				method,
				headers: { ...(headers as object), ...given(params.header), ...jsonType(body) },
				body: body === undefined ? null : JSON.stringify(body),
				credentials,
				signal: signal ?? null
			});
			const response = await fetch(request);
			const answer = await json(response);
			return response.ok ? { data: answer, response } : { error: answer, response };
		}
	]);
	return Object.fromEntries(calls) as unknown as Calls;
}

function address(
	path: string,
	{ path: parts = {}, query = {} }: NonNullable<Init['params']>
): string {
	const filled = path.replace(/\{(\w+)\}/g, (_whole, name) =>
		encodeURIComponent(parts[name] ?? '')
	);
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		// Several values go into one parameter, separated by commas.
		if (value !== undefined && value !== null) search.set(name, String(value));
	}
	const words = search.toString();
	return `${apiOrigin}${filled}${words && `?${words}`}`;
}

const given = (headers: Record<string, string | undefined> = {}): Record<string, string> =>
	JSON.parse(JSON.stringify(headers));

const jsonType = (body: unknown): Record<string, string> =>
	body === undefined ? {} : { 'content-type': 'application/json' };

async function json(response: Response): Promise<unknown> {
	let text: string;
	try {
		text = await response.text();
	} catch (error) {
		// The line broke in the middle of the answer.
		throw isAbort(error) ? error : new UnreachableError(error);
	}
	try {
		return text ? JSON.parse(text) : undefined;
	} catch {
		return undefined;
	}
}

export const http = createClient({ credentials: 'include', fetch: (request) => reach(request) });

/** What calls that use or set cookies need besides: only our own pages can send it. */
export const csrf = { 'X-Care-CSRF': '1' };

interface Result<T> {
	data?: T;
	error?: unknown;
	response: Response;
}

let lockdownHeard: (() => void) | undefined;

/** Calls back whenever an answer says that there is a lockdown. */
export const onLockdown = (listener: () => void): void => void (lockdownHeard = listener);

/** The data, or a thrown ApiError. */
export async function call<T>(result: Promise<Result<T>>): Promise<Full<T>> {
	const { data, error, response } = await result;
	if (response.ok) return data as Full<T>;
	const problem = apiError(response, error);
	if (problem.code === 'lockdown') lockdownHeard?.();
	throw problem;
}
