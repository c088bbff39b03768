import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { json, problem, someone } from '#lib/api/testing.ts';
import { session } from '#lib/auth/session.svelte.ts';
import '../../../app.css';
import ConfirmNewEmail from './ConfirmNewEmail.svelte';
import { takeLinkToken, waitingToken } from './link-token.ts';
import UndoEmailChange from './UndoEmailChange.svelte';

const CONFIRM = 'POST /me/email-change/confirm';
const PENDING = 'GET /me/email-change';
const UNDO = 'POST /auth/undo-email-change';

let sent: { what: string; body: unknown }[];
/** What each request is answered, in turn; nobody answers the others. */
let answers: Record<string, (() => Response)[]>;

beforeEach(() => {
	localStorage.clear();
	sessionStorage.clear();
	sent = [];
	answers = {};
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const what = `${request.method} ${new URL(request.url).pathname.replace('/api/v1', '')}`;
		const text = await request.text();
		sent.push({ what, body: text ? JSON.parse(text) : undefined });
		const answer = answers[what]?.shift();
		if (!answer) throw new TypeError('nobody answers');
		return answer();
	});
});
afterEach(async () => {
	vi.restoreAllMocks();
	await session.signOut();
});

const signedIn = () =>
	session.adopt({
		access_token: 't',
		expires_in: 900,
		user: someone({ email: 'old@example.org' })
	});
const heading = (name: string) => page.getByRole('heading', { level: 1, name });
const button = (name: string) => page.getByRole('button', { name });
const over = () => problem(422, 'code_wrong_or_expired');
const moved = () => json(someone({ email: 'new@example.org', version: 2 }));

it('the token leaves the address at once', () => {
	const before = location.href;
	location.hash = '#token=t1';
	expect(takeLinkToken()).toBe('t1');
	expect(location.hash).toBe('');
	history.replaceState(history.state, '', before);
});

describe('a new address', () => {
	async function open(token: string | null = 't1') {
		const onsignin = vi.fn();
		await render(ConfirmNewEmail, { token, onsignin });
		return onsignin;
	}

	it('becomes the account’s, everywhere it is shown', async () => {
		signedIn();
		answers[CONFIRM] = [moved];
		await open();
		await expect.element(heading('Your address is changed')).toBeVisible();
		await expect.element(page.getByText('new@example.org', { exact: false })).toBeVisible();
		expect(sent).toEqual([{ what: CONFIRM, body: { token: 't1' } }]);
		expect(session.user?.email).toBe('new@example.org');
		expect(waitingToken.find()).toBeNull();
	});

	it('waits in this tab until somebody has signed in', async () => {
		const onsignin = await open();
		await expect.element(heading('Sign in to confirm')).toBeVisible();
		await button('Sign in').click();
		expect(onsignin).toHaveBeenCalledOnce();
		expect(sent).toEqual([]);
		// Back from the sign-in page, which keeps nothing of the address.
		signedIn();
		answers[CONFIRM] = [moved];
		await open(null);
		await expect.element(heading('Your address is changed')).toBeVisible();
		expect(sent).toEqual([{ what: CONFIRM, body: { token: 't1' } }]);
	});

	it('is tried again when nobody answered', async () => {
		signedIn();
		await open();
		await expect.element(heading('Your address is not changed yet')).toBeVisible();
		answers[CONFIRM] = [moved];
		await button('Try again').click();
		await expect.element(heading('Your address is changed')).toBeVisible();
	});

	it('is not asked for twice: the newer mail counts', async () => {
		signedIn();
		answers[CONFIRM] = [over];
		answers[PENDING] = [
			() => json({ pending: { email: 'newer@example.org', expires_at: '2026-01-01T00:00:00Z' } })
		];
		await open();
		await expect.element(heading('There is a newer mail')).toBeVisible();
		await expect.element(page.getByText('newer@example.org', { exact: false })).toBeVisible();
	});

	it('needs a link that still works, and the account that asked', async () => {
		signedIn();
		answers[CONFIRM] = [over];
		answers[PENDING] = [() => json({ pending: null })];
		const onsignin = await open();
		await expect.element(heading('This link no longer works')).toBeVisible();
		await expect.element(page.getByText('old@example.org', { exact: false })).toBeVisible();
		await button('Sign in as someone else').click();
		await vi.waitFor(() => expect(onsignin).toHaveBeenCalledOnce());
		expect(session.user).toBeNull();
		expect(waitingToken.find()).toBe('t1');
	});

	it('that has become another account’s is refused', async () => {
		signedIn();
		answers[CONFIRM] = [() => problem(409, 'conflict')];
		await open();
		await expect.element(heading('This address is taken')).toBeVisible();
	});

	it('without a token there is nothing to confirm', async () => {
		await open(null);
		await expect.element(heading('This link is incomplete')).toBeVisible();
		expect(sent).toEqual([]);
	});
});

describe('taking a change back', () => {
	async function open(token: string | null = 't1') {
		const onnext = vi.fn();
		await render(UndoEmailChange, { token, onnext });
		return onnext;
	}
	const undo = button('Take the change back');

	it('waits for a press, then leads to a new password', async () => {
		signedIn();
		const onnext = await open();
		await expect.element(heading('Did somebody else change your address?')).toBeVisible();
		expect(sent).toEqual([]);
		answers[UNDO] = [() => new Response(null, { status: 204 })];
		await undo.click();
		await expect.element(heading('Your address is back')).toBeVisible();
		expect(sent).toEqual([{ what: UNDO, body: { token: 't1' } }]);
		await button('Choose a new password').click();
		await vi.waitFor(() => expect(onnext).toHaveBeenCalledOnce());
		expect(session.user).toBeNull();
	});

	it('says what went wrong, and can be tried again', async () => {
		await open();
		await undo.click();
		await expect.element(page.getByRole('alert')).toMatchTextContent(/cannot reach the server/);
		answers[UNDO] = [over];
		await undo.click();
		await expect.element(heading('This link no longer works')).toBeVisible();
	});

	it('cannot take an address from somebody else', async () => {
		answers[UNDO] = [() => problem(409, 'conflict')];
		await open();
		await undo.click();
		await expect.element(heading('This address is taken')).toBeVisible();
	});

	it('needs a token', async () => {
		await open(null);
		await expect.element(heading('This link is incomplete')).toBeVisible();
	});
});
