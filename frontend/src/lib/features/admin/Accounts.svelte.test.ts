import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { meta } from '#lib/api/meta.svelte.ts';
import { queryClient } from '#lib/api/query-client.ts';
import { json, problem, someone } from '#lib/api/testing.ts';
import type { Account, Lockdown } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { toasts } from '#lib/ui/toast.svelte.ts';
import '../../../app.css';
import Harness from './AccountsHarness.svelte';

const grace = someone({ id: 'grace', role: 'admin', name: 'Grace', email: 'grace@example.org' });
const asha: Account = {
	id: 'asha',
	role: 'agent',
	name: 'Asha',
	email: 'asha@example.org',
	avatar: null,
	email_confirmed: true,
	has_password: true,
	disabled: false,
	locked_until: null,
	password_change_required: false,
	sessions: 2,
	last_seen_at: null,
	created_at: '2026-01-01T00:00:00Z',
	version: 3
};

interface Sent {
	what: string;
	body: unknown;
	version: string | null;
}
let sent: Sent[];
let answer: () => Response;
let lockdown: Lockdown;

beforeEach(() => {
	localStorage.clear();
	queryClient.clear();
	sent = [];
	answer = () => new Response(null, { status: 204 });
	lockdown = { on: false, since: null, reason: null, started_by: null };
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const path = new URL(request.url).pathname.replace('/api/v1', '');
		if (path === '/meta') return json({ name: 'Care', lockdown_since: lockdown.since });
		if (request.method === 'GET') return json(lockdown);
		const text = await request.text();
		sent.push({
			what: `${request.method} ${path}`,
			body: text ? JSON.parse(text) : undefined,
			version: request.headers.get('if-match')
		});
		return answer();
	});
	session.adopt({ access_token: 't', expires_in: 900, user: grace });
});
afterEach(async () => {
	lockdown = { on: false, since: null, reason: null, started_by: null };
	await meta.reload();
	vi.restoreAllMocks();
	for (const { id } of toasts.items) toasts.dismiss(id);
	await session.signOut();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });

describe('accounts', () => {
	it('say where they stand', async () => {
		const soon = new Date(Date.now() + 600_000).toISOString();
		await render(Harness, {
			accounts: [
				{ ...asha, locked_until: soon, password_change_required: true },
				{ ...asha, id: 'grace', name: 'Grace', role: 'admin' },
				{ ...asha, id: 'off', name: 'Otto', disabled: true }
			]
		});
		await expect.element(page.getByText('Locked until', { exact: false })).toBeVisible();
		await expect.element(page.getByText('New password asked for')).toBeVisible();
		await expect.element(page.getByText('You', { exact: true })).toBeVisible();
		await expect.element(page.getByText('Disabled')).toBeVisible();
	});

	it('are changed from a menu that offers what makes sense', async () => {
		const onmove = vi.fn();
		await render(Harness, { accounts: [{ ...asha, sessions: 0 }], onmove });
		await button('More about Asha').click();
		await expect
			.element(page.getByRole('menuitem', { name: 'Sign out everywhere' }))
			.not.toBeInTheDocument();
		await page.getByRole('menuitem', { name: 'Require a new password' }).click();
		expect(onmove.mock.calls[0]?.[1]).toBe('require-password-change');
	});

	it('are signed out only after saying what that means', async () => {
		await render(Harness, { asked: { account: asha, move: 'sign-out' } });
		await expect
			.element(page.getByText('All their sessions end at once.', { exact: false }))
			.toBeVisible();
		expect(sent).toEqual([]);
		await button('Sign out everywhere').click();
		await expect.element(page.getByText('Asha is signed out everywhere')).toBeVisible();
		expect(sent.map(({ what }) => what)).toEqual(['POST /accounts/asha/sign-out']);
	});

	it('keep one admin, and say so', async () => {
		answer = () => problem(409, 'conflict');
		await render(Harness, { asked: { account: { ...asha, role: 'admin' }, move: 'disable' } });
		await button('Disable').click();
		await expect
			.element(page.getByText('There must be at least one active admin.', { exact: false }))
			.toBeVisible();
		expect(sent).toEqual([
			{ what: 'PATCH /accounts/asha', body: { disabled: true }, version: '"3"' }
		]);
	});
});

describe('the lockdown', () => {
	it('takes a reason and the password, and is told to everybody', async () => {
		await render(Harness);
		await button('Start the lockdown').click();
		const dialog = page.getByRole('dialog', { name: 'Start the lockdown?' });
		await dialog.getByRole('button', { name: 'Start the lockdown' }).click();
		await expect
			.element(dialog.getByLabelText('Why'))
			.toHaveAccessibleDescription(/Please fill this in/);
		expect(sent).toEqual([]);
		await dialog.getByLabelText('Why').fill('Somebody walks through our accounts.');
		await dialog.getByLabelText('Current password', { exact: true }).fill('wrong words');
		answer = () => problem(403, 'wrong_credentials');
		await dialog.getByRole('button', { name: 'Start the lockdown' }).click();
		await expect.element(dialog.getByText('That is not your current password.')).toBeVisible();
		answer = () => {
			lockdown = {
				on: true,
				since: '2026-01-02T10:00:00Z',
				reason: 'Somebody walks through our accounts.',
				started_by: 'Grace'
			};
			return json(lockdown);
		};
		await dialog.getByLabelText('Current password', { exact: true }).fill('right words');
		await dialog.getByRole('button', { name: 'Start the lockdown' }).click();
		await expect.element(page.getByText('Grace: Somebody walks', { exact: false })).toBeVisible();
		await expect
			.element(page.getByRole('complementary', { name: 'Closed for the moment' }))
			.toBeVisible();
		expect(sent.at(-1)).toMatchObject({
			what: 'POST /lockdown/start',
			body: { reason: 'Somebody walks through our accounts.', current_password: 'right words' }
		});
		await expect.element(button('End the lockdown')).toBeVisible();
	});
});
