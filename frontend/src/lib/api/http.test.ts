import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError, UnreachableError } from './errors.ts';
import { call, http } from './http.ts';
import { json, problem } from './testing.ts';

let last: Request;
let answer: () => Response | Promise<Response>;

beforeEach(() => {
	vi.stubGlobal('fetch', async (request: Request) => {
		last = request;
		return answer();
	});
	answer = () => json({ items: [], next: null });
});
afterEach(() => vi.unstubAllGlobals());

test('path and query are filled in and escaped', async () => {
	await http.GET('/api/v1/tickets/{id}/timeline', {
		params: { path: { id: 'CCR 1/2' }, query: { after: 3 } }
	});
	expect(last.url).toBe('http://api.test/api/v1/tickets/CCR%201%2F2/timeline?after=3');
});

test('several values share a parameter, missing ones are left out', async () => {
	await http.GET('/api/v1/tickets', {
		params: { query: { status: ['open', 'pending'], q: undefined, limit: 50 } }
	});
	expect(new URL(last.url).search).toBe('?status=open%2Cpending&limit=50');
});

test('a body is JSON, and headers of the parameters are sent', async () => {
	await http.POST('/api/v1/tickets/{id}/messages', {
		params: { path: { id: 't' }, header: { 'Idempotency-Key': 'k1' } },
		body: { body: 'hello' }
	});
	expect(last.headers.get('content-type')).toBe('application/json');
	expect(last.headers.get('idempotency-key')).toBe('k1');
	expect(await last.json()).toEqual({ body: 'hello' });
});

test('nothing to say is no error', async () => {
	answer = () => new Response(null, { status: 204 });
	await expect(
		call(
			http.POST('/api/v1/tickets/{id}/read', { params: { path: { id: 't' } }, body: { seq: 1 } })
		)
	).resolves.toBeUndefined();
});

test('a problem is thrown as such', async () => {
	answer = () => problem(404, 'not_found');
	const failed = call(http.GET('/api/v1/services'));
	await expect(failed).rejects.toBeInstanceOf(ApiError);
	await expect(failed).rejects.toMatchObject({ code: 'not_found', status: 404 });
});

test('no connection and a broken answer are both "unreachable"', async () => {
	answer = () => Promise.reject(new TypeError('network'));
	await expect(call(http.GET('/api/v1/meta'))).rejects.toBeInstanceOf(UnreachableError);
	answer = () =>
		new Response(new ReadableStream({ start: (c) => c.error(new TypeError('cut')) }), {
			status: 200
		});
	await expect(call(http.GET('/api/v1/meta'))).rejects.toBeInstanceOf(UnreachableError);
});

test('a stopped request stays a stop', async () => {
	const stop = new AbortController();
	answer = () => Promise.reject(new DOMException('stopped', 'AbortError'));
	stop.abort();
	await expect(http.GET('/api/v1/meta', { signal: stop.signal })).rejects.toMatchObject({
		name: 'AbortError'
	});
});
