import { afterEach, describe as group, expect, test, vi } from 'vitest';
import {
	apiError,
	ApiError,
	describe,
	fieldErrors,
	isAbort,
	isTemporary,
	onReport,
	pointerToField,
	report,
	UnreachableError
} from './errors.ts';

const problem = { type: 'about:blank', title: 't', detail: 'd', instance: 'urn:request:abc' };

afterEach(() => vi.restoreAllMocks());

group('what came back', () => {
	test('a problem keeps its code, fields and request id', () => {
		const error = apiError(new Response(null, { status: 422 }), {
			...problem,
			status: 422,
			code: 'invalid',
			errors: [{ pointer: '/email', code: 'malformed', detail: 'No @ in it.' }]
		});
		expect(error).toMatchObject({ status: 422, code: 'invalid', requestId: 'abc' });
		expect(fieldErrors(error)).toEqual({ email: 'No @ in it.' });
	});

	test('an answer that is no problem document still gets a code', () => {
		expect(apiError(new Response(null, { status: 502 }), '<html>').code).toBe('unavailable');
		expect(apiError(new Response(null, { status: 500 }), undefined).code).toBe('internal');
		expect(apiError(new Response(null, { status: 404 }), {}).code).toBe('not_found');
	});

	test('how long to wait is read from Retry-After', () => {
		const response = new Response(null, { status: 429, headers: { 'retry-after': '7' } });
		expect(apiError(response, {}).retryAfter).toBe(7);
	});
});

group('which field', () => {
	test('pointers become field paths', () => {
		expect(pointerToField('/contact/email')).toBe('contact.email');
		expect(pointerToField('/a~1b/c~0d')).toBe('a/b.c~d');
		expect(pointerToField('')).toBe('');
	});

	test('the first message of a field wins, and without words there are ours', () => {
		const error = new ApiError({
			status: 422,
			code: 'invalid',
			errors: [
				{ pointer: '/name', code: 'required', detail: '' },
				{ pointer: '/name', code: 'too_short', detail: 'second' }
			]
		});
		expect(fieldErrors(error)).toEqual({ name: 'Please fill this in.' });
	});
});

group('in words', () => {
	test('no network may be tried again', () => {
		expect(describe(new UnreachableError())).toMatchObject({ status: 503, retry: true });
	});

	test('only faults of the server carry a reference', () => {
		const fault = new ApiError({ ...problem, status: 500, code: 'internal' });
		const refusal = new ApiError({ ...problem, status: 403, code: 'forbidden' });
		expect(describe(fault).requestId).toBe('abc');
		expect(describe(refusal).requestId).toBeUndefined();
	});

	test('an ended session asks for signing in', () => {
		expect(describe(new ApiError({ status: 401, code: 'session_ended' })).loginNeeded).toBe(true);
	});

	test('who came too often hears how long to wait, if the server says so', () => {
		const often = { status: 429, code: 'rate_limited' } as const;
		const text = (after?: number) => describe(new ApiError(often, after)).message;
		expect(text(40)).toMatch(/Try again in 40 seconds\./);
		expect(text(80_000)).toMatch(/Try again in 23 hours\./);
		expect(text()).toMatch(/Wait a moment/);
	});

	test('a code from a newer server has words too', () => {
		const unknown = new ApiError({ status: 400, code: 'brand_new' as never });
		expect(describe(unknown).message).not.toBe('');
	});
});

test('temporary is what may work unchanged', () => {
	const codes = [500, 503, 429, 409, 422, 403].map((status) =>
		isTemporary(new ApiError({ status }))
	);
	expect(codes).toEqual([true, true, true, false, false, false]);
	expect(isTemporary(new UnreachableError())).toBe(true);
	expect(isTemporary(new Error('bug'))).toBe(false);
});

group('the funnel', () => {
	test('tells once, in words', () => {
		const told = vi.fn();
		const stop = onReport(told);
		const error = new ApiError({ status: 409, code: 'conflict' });
		report(error);
		stop();
		report(error);
		expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/changed/), error);
	});

	test('is silent about what was stopped on purpose', () => {
		const told = vi.fn();
		const stop = onReport(told);
		const abort = new DOMException('gone', 'AbortError');
		expect(isAbort(abort)).toBe(true);
		report(abort);
		stop();
		expect(told).not.toHaveBeenCalled();
	});
});
