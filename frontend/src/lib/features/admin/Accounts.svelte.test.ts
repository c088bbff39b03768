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
import Harness from '../Harness.svelte';
import StatusStrips from '../shell/StatusStrips.svelte';
import AccountDialog from './AccountDialog.svelte';
import AccountTable from './AccountTable.svelte';
import type { GraveMove } from './accounts.ts';
import LockdownCard from './LockdownCard.svelte';
import SecondFactorCard from './SecondFactorCard.svelte';

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
	second_factor: false,
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
let policy: () => Response;

beforeEach(() => {
	localStorage.clear();
	queryClient.clear();
	sent = [];
	answer = () => new Response(null, { status: 204 });
	lockdown = { on: false, since: null, reason: null, started_by: null };
	policy = () => json({ required_for: [] });
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const path = new URL(request.url).pathname.replace('/api/v1', '');
		if (path === '/meta') return json({ name: 'Care', lockdown_since: lockdown.since });
		if (request.method === 'GET')
			return path === '/settings/second-factor' ? policy() : json(lockdown);
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

const wrongPassword = () =>
	problem(422, 'invalid', {
		errors: [{ pointer: '/current_password', code: 'mismatch', detail: '' }]
	});

async function showTable(accounts: Account[]) {
	const onmove = vi.fn();
	await render(Harness, { parts: [AccountTable], given: { accounts, onmove } });
	return onmove;
}

async function ask(account: Account, move: GraveMove) {
	const onclose = vi.fn();
	await render(Harness, { parts: [AccountDialog], given: { account, move, onclose } });
	return onclose;
}

const button = (name: string) => page.getByRole('button', { name, exact: true });

describe('accounts', () => {
	it('say where they stand', async () => {
		const soon = new Date(Date.now() + 600_000).toISOString();
		await showTable([
			{ ...asha, locked_until: soon, password_change_required: true },
			{ ...asha, id: 'grace', name: 'Grace', role: 'admin' },
			{ ...asha, id: 'off', name: 'Otto', disabled: true }
		]);
		await expect.element(page.getByText('Locked until', { exact: false })).toBeVisible();
		await expect.element(page.getByText('New password asked for')).toBeVisible();
		await expect.element(page.getByText('You', { exact: true })).toBeVisible();
		await expect.element(page.getByText('Disabled')).toBeVisible();
	});

	it('are changed from a menu that offers what makes sense', async () => {
		const onmove = await showTable([{ ...asha, sessions: 0 }]);
		await button('More about Asha').click();
		await expect
			.element(page.getByRole('menuitem', { name: 'Sign out everywhere' }))
			.not.toBeInTheDocument();
		await page.getByRole('menuitem', { name: 'Require a new password' }).click();
		expect(onmove.mock.calls[0]?.[1]).toBe('require-password-change');
	});

	it('are signed out only after saying what that means', async () => {
		const onclose = await ask(asha, 'sign-out');
		await expect
			.element(page.getByText('All their sessions end at once.', { exact: false }))
			.toBeVisible();
		expect(sent).toEqual([]);
		await button('Sign out everywhere').click();
		await expect.element(page.getByText('Asha is signed out everywhere')).toBeVisible();
		expect(onclose).toHaveBeenCalledOnce();
		expect(sent.map(({ what }) => what)).toEqual(['POST /accounts/asha/sign-out']);
	});

	it('keep one admin, and say so', async () => {
		answer = () => problem(409, 'conflict');
		const onclose = await ask({ ...asha, role: 'admin' }, 'disable');
		await button('Disable').click();
		await expect
			.element(page.getByText('There must be at least one active admin.', { exact: false }))
			.toBeVisible();
		expect(onclose).not.toHaveBeenCalled();
		expect(sent).toEqual([
			{ what: 'PATCH /accounts/asha', body: { disabled: true }, version: '"3"' }
		]);
	});
});

describe('a second factor', () => {
	it('is taken away only after saying what that means', async () => {
		await ask({ ...asha, second_factor: true }, 'remove-second-factor');
		await expect.element(page.getByText(/Do it only when you know who is asking/)).toBeVisible();
		expect(sent).toEqual([]);
		await button('Remove the second factor').click();
		await expect.element(page.getByText('Asha has no second factor any more')).toBeVisible();
		expect(sent.map(({ what }) => what)).toEqual(['DELETE /accounts/asha/second-factor']);
	});

	it('is asked of roles, with the password; of admins after one’s own', async () => {
		await render(Harness, { parts: [SecondFactorCard] });
		await expect.element(page.getByText('Everybody decides for themselves.')).toBeVisible();
		await button('Change').click();
		const dialog = page.getByRole('dialog', { name: 'Who needs a second factor?' });
		const save = dialog.getByRole('button', { name: 'Save' });
		await dialog.getByLabelText('Admins').click();
		await dialog.getByLabelText('Agents').click();
		await save.click();
		expect(sent).toEqual([]);
		const password = dialog.getByLabelText('Current password', { exact: true });
		await password.fill('wrong words');
		answer = wrongPassword;
		await save.click();
		await expect.element(password).toHaveAccessibleDescription(/not your current password/);
		sent = [];
		await password.fill('right words');
		answer = () => problem(409, 'conflict');
		await save.click();
		await expect
			.element(dialog.getByRole('alert').getByRole('link', { name: 'Your account' }))
			.toBeVisible();
		await dialog.getByLabelText('Admins').click();
		answer = () => json({ required_for: ['agent'] });
		await save.click();
		await expect.element(page.getByText('Needed by: Agents')).toBeVisible();
		expect(sent.map(({ what, body }) => [what, body])).toEqual([
			[
				'PUT /settings/second-factor',
				{ required_for: ['agent', 'admin'], current_password: 'right words' }
			],
			['PUT /settings/second-factor', { required_for: ['agent'], current_password: 'right words' }]
		]);
	});

	it('can be asked for again when the setting did not come', async () => {
		policy = () => problem(500, 'internal');
		await render(Harness, { parts: [SecondFactorCard] });
		await expect
			.element(page.getByText('Who needs a second factor could not be looked up'))
			.toBeVisible();
		policy = () => json({ required_for: ['admin', 'agent'] });
		await button('Try again').click();
		await expect.element(page.getByText('Needed by: Agents, Admins')).toBeVisible();
	});
});

describe('the lockdown', () => {
	it('takes a reason and the password, and is told to everybody', async () => {
		await render(Harness, { parts: [StatusStrips, LockdownCard] });
		await button('Start the lockdown').click();
		const dialog = page.getByRole('dialog', { name: 'Start the lockdown?' });
		await dialog.getByRole('button', { name: 'Start the lockdown' }).click();
		await expect
			.element(dialog.getByLabelText('Why'))
			.toHaveAccessibleDescription(/Please fill this in/);
		expect(sent).toEqual([]);
		await dialog.getByLabelText('Why').fill('Somebody walks through our accounts.');
		await dialog.getByLabelText('Current password', { exact: true }).fill('wrong words');
		answer = wrongPassword;
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
