import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { queryClient } from '#lib/api/query-client.ts';
import { json, problem, someone } from '#lib/api/testing.ts';
import type { Identity, Me } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { toasts } from '#lib/ui/toast.svelte.ts';
import '../../../app.css';
import Harness from '../Harness.svelte';
import SignInMethods from './SignInMethods.svelte';

const asha = someone();
const identity = (id: string, provider: string, label: string): Identity => ({
	id,
	provider,
	label,
	email: `${id}@example.org`,
	linked_at: '2026-02-03T10:00:00Z',
	last_used_at: null
});
const google = identity('i1', 'google', 'Google');
const acme = identity('i2', 'acme', 'Acme');

let linked: Identity[];
let list: () => Response;
let remove: (id: string) => Response;
let start: () => Response;
let started: { body: unknown; headers: Headers }[];

beforeEach(() => {
	localStorage.clear();
	sessionStorage.clear();
	queryClient.clear();
	linked = [];
	started = [];
	list = () => json({ items: linked });
	remove = (id) => {
		linked = linked.filter((one) => one.id !== id);
		return new Response(null, { status: 204 });
	};
	start = () => json({ authorization_url: 'https://accounts.google.com/x' });
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const path = new URL(request.url).pathname.replace('/api/v1', '');
		if (path === '/auth/providers')
			return json({
				items: [
					{ name: 'google', label: 'Google' },
					{ name: 'acme', label: 'Acme' }
				]
			});
		if (path === '/me/identities') return list();
		if (path === '/me/identities/google/start') {
			started.push({ body: await request.json(), headers: request.headers });
			return start();
		}
		if (request.method === 'DELETE') return remove(path.split('/').at(-1) ?? '');
		return problem(404, 'not_found');
	});
});
afterEach(async () => {
	vi.restoreAllMocks();
	for (const { id } of toasts.items) toasts.dismiss(id);
	await session.signOut();
});

async function open(more: Partial<Me> = {}) {
	session.adopt({ access_token: 't', expires_in: 900, user: { ...asha, ...more } });
	const leave = vi.fn();
	await render(Harness, { parts: [SignInMethods], given: { leave } });
	return leave;
}
const button = (name: string) => page.getByRole('button', { name, exact: true });
const dialog = (name: string) => page.getByRole('dialog', { name });

describe('the list', () => {
	it('has the password, what is linked, and what could be', async () => {
		linked = [google];
		await open();
		await expect.element(page.getByText('Together with your email address')).toBeVisible();
		await expect.element(page.getByText('i1@example.org')).toBeVisible();
		await expect.element(button('Unlink Google')).toBeVisible();
		await expect.element(button('Link Acme')).toBeVisible();
		await expect.element(button('Link Google')).not.toBeInTheDocument();
	});

	it('tries again when it could not be loaded', async () => {
		list = () => problem(400, 'bad_request');
		await open();
		await expect.element(page.getByText('Your sign-in methods could not be loaded')).toBeVisible();
		list = () => json({ items: [google] });
		await button('Try again').click();
		await expect.element(button('Unlink Google')).toBeVisible();
	});
});

describe('unlinking', () => {
	it('takes a way away after a word about it', async () => {
		linked = [google];
		await open();
		await button('Unlink Google').click();
		await dialog('Unlink Google?').getByRole('button', { name: 'Unlink Google' }).click();
		await expect.element(page.getByText('Google no longer signs you in.')).toBeVisible();
		await expect.element(button('Link Google')).toBeVisible();
	});

	it('never offers the last way in', async () => {
		linked = [google];
		await open({ has_password: false });
		await expect
			.element(page.getByText('This is your only way in.', { exact: false }))
			.toBeVisible();
		await expect.element(button('Unlink Google')).not.toBeInTheDocument();
	});

	it('offers each of two', async () => {
		linked = [google, acme];
		await open({ has_password: false });
		await expect.element(button('Unlink Google')).toBeVisible();
		await expect.element(button('Unlink Acme')).toBeVisible();
	});

	it('keeps the last way in beside one that is not offered any more', async () => {
		linked = [google, identity('i3', 'gone', 'gone')];
		await open({ has_password: false });
		await expect.element(button('Unlink gone')).toBeVisible();
		await expect.element(page.getByText('Not offered here any more')).toBeVisible();
		await expect.element(button('Unlink Google')).not.toBeInTheDocument();
	});

	it('tells kindly that the server keeps the last one', async () => {
		linked = [google];
		remove = () => problem(409, 'conflict');
		await open();
		await button('Unlink Google').click();
		const asked = dialog('Unlink Google?');
		await asked.getByRole('button', { name: 'Unlink Google' }).click();
		await expect
			.element(asked.getByRole('alert').filter({ hasText: 'your only way in' }))
			.toBeVisible();
	});
});

describe('linking', () => {
	it('asks for the password again and leaves for the provider', async () => {
		start = () =>
			problem(422, 'invalid', {
				errors: [{ pointer: '/current_password', code: 'mismatch', detail: 'That is not it.' }]
			});
		const leave = await open();
		await button('Link Google').click();
		const asked = dialog('Link Google');
		const password = asked.getByLabelText('Current password');
		const go = asked.getByRole('button', { name: 'Continue with Google' });
		await go.click();
		await expect.element(asked.getByText('Please fill this in.')).toBeVisible();
		await password.fill('wrong');
		await go.click();
		await expect.element(asked.getByText('That is not your current password.')).toBeVisible();
		expect(leave).not.toHaveBeenCalled();

		start = () => json({ authorization_url: 'https://accounts.google.com/x' });
		await password.fill('right');
		await go.click();
		await vi.waitFor(() => expect(leave).toHaveBeenCalledWith('https://accounts.google.com/x'));
		expect(started.map(({ body }) => body)).toEqual([
			{ current_password: 'wrong' },
			{ current_password: 'right' }
		]);
		expect(started[1]?.headers.get('x-care-csrf')).toBe('1');
		expect(started[1]?.headers.get('authorization')).toBe('Bearer t');
		expect(sessionStorage.getItem('care_provider_trip')).toContain('"link":true');
	});

	it('asks nothing of somebody without a password', async () => {
		linked = [acme];
		const leave = await open({ has_password: false });
		await button('Link Google').click();
		const asked = dialog('Link Google');
		await asked.getByRole('button', { name: 'Continue with Google' }).click();
		await vi.waitFor(() => expect(leave).toHaveBeenCalled());
		expect(started[0]?.body).toEqual({ current_password: null });
	});
});
