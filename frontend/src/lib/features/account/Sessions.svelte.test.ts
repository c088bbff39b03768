import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { queryClient } from '#lib/api/query-client.ts';
import { json, problem, someone } from '#lib/api/testing.ts';
import type { SignedInPlace, SignInEntry } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { toasts } from '#lib/ui/toast.svelte.ts';
import '../../../app.css';
import Harness from '../Harness.svelte';
import Sessions from './Sessions.svelte';
import SignIns from './SignIns.svelte';

const place = (id: string, more: Partial<SignedInPlace> = {}): SignedInPlace => ({
	id,
	current: false,
	device: { browser: 'Firefox', system: 'Windows' },
	method: 'password',
	provider: null,
	ip: '203.0.113.7',
	place: null,
	first_seen_at: '2026-01-01T09:00:00Z',
	last_seen_at: '2026-01-02T09:00:00Z',
	...more
});
const entry = (id: string, more: Partial<SignInEntry> = {}): SignInEntry => ({
	id,
	at: '2026-01-02T09:00:00Z',
	outcome: 'signed_in',
	method: 'password',
	provider: null,
	device: { browser: 'Firefox', system: 'Windows' },
	new_device: false,
	ip: '203.0.113.7',
	place: null,
	...more
});

const here = place('s1', { current: true, device: { browser: 'Chrome', system: 'Linux' } });
const phone = place('s2', {
	device: { browser: 'Safari', system: 'iPhone' },
	method: 'provider',
	provider: 'google',
	place: 'Linköping, Sweden'
});
const stranger = place('s3', { device: { browser: null, system: null } });

let places: SignedInPlace[];
let signIns: (cursor: string | null) => Response;
let end: (id: string | undefined) => Response;
let ended: (string | undefined)[];

beforeEach(() => {
	localStorage.clear();
	queryClient.clear();
	places = [phone, here];
	ended = [];
	signIns = () => json({ items: [], next: null });
	end = (id) => {
		places = places.filter((one) => (id ? one.id !== id : one.current));
		return new Response(null, { status: 204 });
	};
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const url = new URL(request.url);
		const [, , , path, id] = url.pathname.split('/').slice(1);
		if (path === 'sign-ins') return signIns(url.searchParams.get('cursor'));
		if (path !== 'sessions') return problem(404, 'not_found');
		if (request.method !== 'DELETE') return json({ items: places });
		ended.push(id);
		return end(id);
	});
	session.adopt({ access_token: 't', expires_in: 900, user: someone() });
});
afterEach(async () => {
	vi.restoreAllMocks();
	for (const { id } of toasts.items) toasts.dismiss(id);
	await session.signOut();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const dialog = (name: string) => page.getByRole('dialog', { name });
const rows = (list: string) => page.getByRole('list', { name: list }).getByRole('listitem');

describe('where one is signed in', () => {
	it('has this device first, and no way to end it here', async () => {
		await render(Harness, { parts: [Sessions, SignIns] });
		const first = rows('Where you are signed in').first();
		await expect.element(first).toMatchTextContent(/Chrome on Linux This device/);
		await expect.element(first.getByRole('button')).not.toBeInTheDocument();
		const second = rows('Where you are signed in').nth(1);
		await expect.element(second).toMatchTextContent(/Safari on iPhone/);
		await expect.element(second).toMatchTextContent(/Signed in through Google/);
		await expect
			.element(second)
			.toMatchTextContent(/address 203.0.113.7, roughly in Linköping, Sweden/);
		await expect.element(first).not.toMatchTextContent(/roughly/);
	});

	it('ends one only after saying what that means', async () => {
		await render(Harness, { parts: [Sessions, SignIns] });
		await button('Sign out Safari on iPhone').click();
		const asked = dialog('Sign out Safari on iPhone?');
		await expect.element(asked).toMatchTextContent(/This cannot be undone/);
		expect(ended).toEqual([]);
		await asked.getByRole('button', { name: 'Sign out', exact: true }).click();
		await expect.element(page.getByText('Signed out: Safari on iPhone')).toBeVisible();
		await expect.element(page.getByText('You are signed in nowhere else.')).toBeVisible();
		expect(ended).toEqual(['s2']);
	});

	it('ends all others at once', async () => {
		places = [here, phone, stranger];
		await render(Harness, { parts: [Sessions, SignIns] });
		await expect
			.element(page.getByText('A browser or program we do not know', { exact: true }))
			.toBeVisible();
		await button('Sign out all others').click();
		await dialog('Sign out everywhere but here?')
			.getByRole('button', { name: 'Sign out all others' })
			.click();
		await expect.element(page.getByText('You are signed in only here now')).toBeVisible();
		await expect.element(page.getByText('You are signed in nowhere else.')).toBeVisible();
		expect(ended).toEqual([undefined]);
	});

	it('takes one that is over already for ended', async () => {
		end = () => {
			places = [here];
			return problem(404, 'not_found');
		};
		await render(Harness, { parts: [Sessions, SignIns] });
		await button('Sign out Safari on iPhone').click();
		await button('Sign out').click();
		await expect.element(page.getByText('Signed out: Safari on iPhone')).toBeVisible();
	});

	it('says in the dialog why it did not work', async () => {
		end = () => problem(503, 'unavailable');
		await render(Harness, { parts: [Sessions, SignIns] });
		await button('Sign out Safari on iPhone').click();
		await button('Sign out').click();
		const asked = dialog('Sign out Safari on iPhone?');
		await expect.element(asked.getByRole('alert')).toBeVisible();
		expect(places).toContain(phone);
	});
});

describe('sign-ins', () => {
	it('tell what happened, with what, and from where; older ones when asked for', async () => {
		signIns = (cursor) =>
			cursor
				? json({ items: [entry('3', { outcome: 'locked' })], next: null })
				: json({
						items: [
							entry('1', { new_device: true, method: 'provider', provider: 'acme' }),
							entry('2', {
								outcome: 'wrong_password',
								ip: '198.51.100.9',
								place: 'Japan'
							})
						],
						next: 'more'
					});
		await render(Harness, { parts: [Sessions, SignIns] });
		await expect.element(rows('Sign-ins').first()).toMatchTextContent(/Signed in New device/);
		await expect.element(rows('Sign-ins').first()).toMatchTextContent(/through acme/);
		const failed = rows('Sign-ins').nth(1);
		await expect.element(failed).toMatchTextContent(/Wrong password/);
		await expect.element(failed).toMatchTextContent(/198.51.100.9, roughly in Japan/);
		expect(rows('Sign-ins').elements()).toHaveLength(2);
		await button('Show more').click();
		await expect.element(rows('Sign-ins').nth(2)).toMatchTextContent(/too many wrong passwords/);
	});

	it('can be asked for again when they did not come', async () => {
		signIns = () => problem(403, 'forbidden');
		await render(Harness, { parts: [Sessions, SignIns] });
		await expect.element(page.getByText('We could not load the sign-ins')).toBeVisible();
		signIns = () => json({ items: [], next: null });
		await button('Try again').click();
		await expect.element(page.getByText('None yet.')).toBeVisible();
	});
});
