import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deferred, json, problem, useFakeStorage } from '#lib/api/testing.ts';
import { Session } from './session.svelte.ts';

const user = (id = 'u1') => ({ id, role: 'customer', name: 'Asha', email: 'asha@example.org' });
let count = 0;
const body = (id?: string) => ({
	access_token: `token-${++count}`,
	expires_in: 600,
	user: user(id)
});

let fetched: Request[];
let answer: (request: Request) => Response | Promise<Response>;
let sessions: Session[];
const paths = () => fetched.map(({ url }) => new URL(url).pathname.replace('/api/v1/auth', ''));

function open(): Session {
	const session = new Session();
	sessions.push(session);
	return session;
}

beforeEach(() => {
	useFakeStorage();
	fetched = [];
	sessions = [];
	answer = () => json(body());
	vi.stubGlobal('fetch', async (request: Request) => {
		fetched.push(request);
		return answer(request);
	});
});
afterEach(() => {
	for (const session of sessions) session.close();
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

const remember = () => localStorage.setItem('care_signed_in', '1');

test('a visitor costs no request', async () => {
	const session = open();
	await session.ready();
	expect(session.status).toBe('signed_out');
	expect(await session.token()).toBeUndefined();
	expect(fetched).toEqual([]);
});

test('somebody who was here before is signed in by the cookie', async () => {
	remember();
	const session = open();
	await session.ready();
	expect(session.user?.name).toBe('Asha');
	expect(paths()).toEqual(['/refresh']);
	expect(fetched[0]?.headers.get('x-care-csrf')).toBe('1');
	expect(fetched[0]?.headers.get('content-type')).toBe('application/json');
});

test('many callers, one renewal', async () => {
	remember();
	const session = open();
	const tokens = await Promise.all([session.token(), session.token(), session.token()]);
	expect(new Set(tokens).size).toBe(1);
	expect(paths()).toEqual(['/refresh']);
});

test('a token that is about to run out is renewed before use', async () => {
	vi.useFakeTimers({ toFake: ['Date'] });
	const session = open();
	await session.signIn('asha@example.org', 'secret');
	const first = await session.token();
	vi.setSystemTime(Date.now() + 580_000);
	expect(await session.token()).not.toBe(first);
	expect(paths()).toEqual(['/sign-in', '/refresh']);
});

test('a refused token is replaced once, however many were refused', async () => {
	const session = open();
	await session.signIn('a@b.c', 'secret');
	const old = await session.token();
	const fresh = await Promise.all([session.renew(old), session.renew(old)]);
	expect(fresh[0]).not.toBe(old);
	expect(fresh[0]).toBe(fresh[1]);
	expect(await session.renew(old)).toBe(fresh[0]);
	expect(paths()).toEqual(['/sign-in', '/refresh']);
});

test('an ended session makes requests wait until the person is back', async () => {
	const session = open();
	await session.signIn('a@b.c', 'secret');
	answer = () => problem(401, 'session_ended');
	const waiting = session.renew(await session.token());
	await vi.waitFor(() => expect(session.status).toBe('expired'));
	expect(session.user?.id).toBe('u1');
	answer = () => json(body());
	await session.signIn('a@b.c', 'secret');
	expect(await waiting).toBe(await session.token());
	expect(session.status).toBe('signed_in');
});

test('what one person asked is never sent as another', async () => {
	const session = open();
	const events: string[] = [];
	session.on((event) => events.push(event));
	await session.signIn('a@b.c', 'secret');
	answer = () => problem(401, 'session_ended');
	const waiting = session.renew(await session.token());
	await vi.waitFor(() => expect(session.status).toBe('expired'));
	answer = () => json(body('u2'));
	await session.signIn('other@b.c', 'secret');
	expect(await waiting).toBeUndefined();
	expect(events).toEqual(['signed-in', 'other-person']);
});

test('signing out ends it here and on the server, and is remembered until the server knows', async () => {
	const session = open();
	await session.signIn('a@b.c', 'secret');
	answer = () => Promise.reject(new TypeError('offline'));
	await session.signOut();
	expect(session.user).toBeNull();
	expect(localStorage.getItem('care_signed_in')).toBeNull();

	fetched = [];
	answer = (request) =>
		request.url.endsWith('/refresh') ? json(body()) : new Response(null, { status: 204 });
	const later = open();
	await later.ready();
	expect(later.status).toBe('signed_out');
	expect(paths()).toEqual(['/refresh', '/sign-out']);

	fetched = [];
	await open().ready();
	expect(fetched).toEqual([]);
});

test('tabs share one session: in at once, out at once', async () => {
	const one = open();
	const two = open();
	await two.ready();
	await one.signIn('a@b.c', 'secret');
	await vi.waitFor(() => expect(two.user?.id).toBe('u1'));
	expect(await two.token()).toBe(await one.token());
	answer = () => new Response(null, { status: 204 });
	await two.signOut();
	await vi.waitFor(() => expect(one.status).toBe('signed_out'));
	expect(paths()).toEqual(['/sign-in', '/sign-out']);
});

test('two tabs never renew at the same time', async () => {
	remember();
	const gate = deferred<Response>();
	answer = () => gate.promise;
	const one = open();
	const two = open();
	const both = Promise.all([one.token(), two.token()]);
	await vi.waitFor(() => expect(fetched.length).toBe(1));
	await new Promise((resolve) => setTimeout(resolve, 20));
	gate.resolve(json(body()));
	answer = () => json(body());
	const [first, second] = await both;
	expect(second).toBe(first);
	expect(paths()).toEqual(['/refresh']);
});

test('an unreachable server is no sign-out', async () => {
	remember();
	answer = () => Promise.reject(new TypeError('offline'));
	const session = open();
	await session.ready();
	expect(session.status).toBe('unreachable');
	answer = () => json(body());
	await session.retry();
	expect(session.status).toBe('signed_in');
});

test('a second factor that is due is known in all tabs until it is set up', async () => {
	const one = open();
	const two = open();
	answer = () => json({ ...body(), second_factor_due: true });
	await one.signIn('a@b.c', 'secret');
	expect(one.secondFactorDue).toBe(true);
	await vi.waitFor(() => expect(two.secondFactorDue).toBe(true));
	two.freed();
	expect(two.secondFactorDue).toBe(false);
	await vi.waitFor(() => expect(one.secondFactorDue).toBe(false));
	// The next token says nothing of it any more; signing out forgets it.
	answer = () => json({ ...body(), second_factor_due: true });
	await one.renew(await one.token());
	expect(one.secondFactorDue).toBe(true);
	await one.signOut();
	expect(one.secondFactorDue).toBe(false);
});
