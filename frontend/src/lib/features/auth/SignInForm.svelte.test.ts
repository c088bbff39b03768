import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { json, problem, someone } from '#lib/api/testing.ts';
import { session } from '#lib/auth/session.svelte.ts';
import '../../../app.css';
import SignInForm from './SignInForm.svelte';

const asha = someone();
const opened = { access_token: 't', expires_in: 900, user: asha };
const challenge = (methods: string[]) => ({
	status: 'challenge',
	challenge_token: 'c1',
	methods,
	expires_in: 600,
	retry_after_seconds: methods.includes('email_code') ? 60 : null
});

let sent: { path: string; body: unknown }[];
/** What each path answers, in turn. */
let answers: Record<string, (() => Response)[]>;

beforeEach(() => {
	localStorage.clear();
	sent = [];
	answers = {};
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const path = new URL(request.url).pathname.replace('/api/v1', '');
		const text = await request.text();
		sent.push({ path, body: text ? JSON.parse(text) : undefined });
		const answer = answers[path]?.shift();
		if (!answer) throw new TypeError('nobody answers');
		return answer();
	});
});
afterEach(async () => {
	vi.restoreAllMocks();
	await session.signOut();
});

async function signIn() {
	const calls = { onsuccess: vi.fn(), onunconfirmed: vi.fn() };
	await render(SignInForm, { address: asha.email, ...calls });
	await page.getByLabelText('Password', { exact: true }).fill('purple lamps hum');
	await page.getByRole('button', { name: 'Sign in' }).click();
	return calls;
}

const code = () => page.getByLabelText('6-digit code');
const passed = (method: string, code: string) => ({
	path: '/auth/challenge',
	body: { challenge_token: 'c1', method, code, session: 'cookie' }
});

describe('one more step', () => {
	it('takes the code that was mailed for a new browser', async () => {
		answers = {
			'/auth/sign-in': [() => json(challenge(['email_code']), 202)],
			'/auth/challenge': [() => problem(422, 'code_wrong_or_expired'), () => json(opened)]
		};
		const calls = await signIn();
		await expect.element(page.getByText(/You have not signed in here before/)).toBeVisible();
		await expect.element(page.getByRole('button', { name: /New code in/ })).toBeDisabled();
		await code().fill('111111');
		await expect.poll(() => sent.at(-1)).toEqual(passed('email_code', '111111'));
		expect(calls.onsuccess).not.toHaveBeenCalled();
		await expect.element(code()).toHaveValue('');
		await code().fill('222222');
		await expect.poll(() => calls.onsuccess.mock.calls).toEqual([[asha]]);
	});

	it('takes a recovery code when the app is lost', async () => {
		answers = {
			'/auth/sign-in': [() => json(challenge(['totp', 'recovery_code']), 202)],
			'/auth/challenge': [() => json(opened)]
		};
		const calls = await signIn();
		await expect.element(page.getByText(/your authenticator app shows/)).toBeVisible();
		await page.getByRole('button', { name: /recovery code/ }).click();
		await page.getByLabelText('Recovery code').fill('k3fa-2mwq-7xbe');
		await page.getByRole('button', { name: 'Sign in' }).click();
		await expect.poll(() => sent.at(-1)).toEqual(passed('recovery_code', 'k3fa-2mwq-7xbe'));
		await expect.poll(() => calls.onsuccess.mock.calls).toEqual([[asha]]);
	});

	it('begins anew when it is over', async () => {
		answers = {
			'/auth/sign-in': [() => json(challenge(['totp', 'recovery_code']), 202)],
			'/auth/challenge': [() => problem(401, 'challenge_over')]
		};
		await signIn();
		await code().fill('111111');
		await expect.element(page.getByRole('alert')).toMatchTextContent(/Please sign in again/);
		await expect.element(page.getByLabelText('Password', { exact: true })).toBeVisible();
	});
});
