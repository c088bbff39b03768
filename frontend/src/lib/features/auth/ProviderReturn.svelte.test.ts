import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { json, problem, someone } from '#lib/api/testing.ts';
import { session } from '#lib/auth/session.svelte.ts';
import '../../../app.css';
import ProviderReturn from './ProviderReturn.svelte';
import { takeReturned, type Returned } from './trip.ts';

const asha = someone({ has_password: false });
const opened = { access_token: 't', expires_in: 900, user: asha };
const brought = { state: 's1', code: 'c1', iss: 'https://accounts.google.com' };
const TRIP = 'care_provider_trip';

interface Sent {
	path: string;
	body: unknown;
	headers: Headers;
}
let sent: Sent[];
/** What each path answers, in turn. */
let answers: Record<string, (() => Response)[]>;

const FINISH = '/auth/providers/google/finish';
const START = '/auth/providers/google/start';
const PROVE = '/auth/providers/prove-address';
const RESEND = `${PROVE}/resend`;
const LINK = '/me/identities/google/finish';

beforeEach(() => {
	localStorage.clear();
	sessionStorage.clear();
	sent = [];
	answers = {};
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const path = new URL(request.url).pathname.replace('/api/v1', '');
		const text = await request.text();
		sent.push({ path, body: text ? JSON.parse(text) : undefined, headers: request.headers });
		const answer = answers[path]?.shift();
		if (!answer) throw new TypeError('nobody answers');
		return answer();
	});
});
afterEach(async () => {
	vi.restoreAllMocks();
	await session.signOut();
});

const setOutFor = (more: { link?: boolean; email?: string; wait?: number } = {}) =>
	sessionStorage.setItem(
		TRIP,
		JSON.stringify({ name: 'google', label: 'Google', link: false, ...more })
	);
const heading = (name: string) => page.getByRole('heading', { level: 1, name });
const button = (name: string) => page.getByRole('button', { name });

async function arrive(returned: Returned) {
	const calls = { onsignedin: vi.fn(), onlinked: vi.fn(), leave: vi.fn() };
	await render(ProviderReturn, { provider: 'google', returned, ...calls });
	return calls;
}

describe('what came back in the address', () => {
	const before = location.href;
	afterEach(() => history.replaceState(history.state, '', before));
	const from = (search: string) => {
		history.replaceState(history.state, '', search);
		return takeReturned();
	};

	it('is taken out of it at once', () => {
		expect(from('?state=s1&code=c1&iss=i&session_state=x')).toEqual({
			state: 's1',
			code: 'c1',
			iss: 'i'
		});
		expect(location.search).toBe('');
		expect(from('?state=s1&code=c1')).toEqual({ state: 's1', code: 'c1' });
		expect(from('?error=access_denied&state=s1')).toEqual({ error: 'access_denied' });
		expect(from('?code=c1')).toBeUndefined();
		expect(location.search).toBe('');
	});
});

describe('signing in', () => {
	it('adopts the session of somebody known', async () => {
		setOutFor();
		answers[FINISH] = [() => json(opened)];
		const { onsignedin } = await arrive(brought);
		await vi.waitFor(() => expect(onsignedin).toHaveBeenCalledWith(asha));
		expect(sent.map(({ path }) => path)).toEqual([FINISH]);
		expect(sent[0]?.body).toEqual({ ...brought, session: 'cookie' });
		expect(sent[0]?.headers.get('x-care-csrf')).toBe('1');
		expect(session.user?.id).toBe('u1');
		expect(sessionStorage.getItem(TRIP)).toBeNull();
	});

	it('asks for the mailed code on a first visit, again after a reload', async () => {
		setOutFor();
		const asked = { status: 'prove_address', email: asha.email, retry_after_seconds: 60 };
		answers[FINISH] = [() => json(asked, 202)];
		const first = await arrive(brought);
		await expect.element(heading('Check your mail')).toBeVisible();
		await expect.element(page.getByText(asha.email, { exact: false })).toBeVisible();
		expect(first.onsignedin).not.toHaveBeenCalled();
		expect(sent[0]?.headers.get('accept-language')).toBe('en');
		await vi.waitFor(() => expect(sessionStorage.getItem(TRIP)).toContain(asha.email));
		// The mail has just gone; the next one has to wait, and that is seen.
		await expect.element(page.getByRole('button', { name: /New code in/ })).toBeDisabled();
	});

	it('mails another code when the wait is over, and waits again', async () => {
		setOutFor({ email: asha.email, wait: 0 });
		answers[RESEND] = [() => json({ status: 'sent', retry_after_seconds: 30 }, 202)];
		await arrive(undefined);
		await button('Send a new code').click();
		await expect.element(page.getByRole('button', { name: /New code in/ })).toBeDisabled();
		await expect.element(page.getByText(/Only the newest one counts/)).toBeVisible();
		expect(sent.map(({ path }) => path)).toEqual([RESEND]);
		expect(sent[0]?.headers.get('x-care-csrf')).toBe('1');
	});

	it('ends when there is nothing left to mail a code for', async () => {
		setOutFor({ email: asha.email, wait: 0 });
		answers[RESEND] = [() => problem(422, 'provider_refused')];
		await arrive(undefined);
		await button('Send a new code').click();
		await expect.element(heading('Signing in with Google did not work')).toBeVisible();
		await expect.element(button('Start again with Google')).toBeVisible();
	});

	it('takes the code; a wrong one is told beside it', async () => {
		setOutFor({ email: asha.email });
		answers[PROVE] = [() => problem(422, 'code_wrong_or_expired'), () => json(opened)];
		const { onsignedin } = await arrive(undefined);
		const field = page.getByLabelText('6-digit code');
		await field.fill('111111');
		await expect.element(field).toHaveAttribute('aria-invalid', 'true');
		await field.fill('222222');
		await vi.waitFor(() => expect(onsignedin).toHaveBeenCalledWith(asha));
		expect(sent.map(({ body }) => body)).toEqual([
			{ code: '111111', session: 'cookie' },
			{ code: '222222', session: 'cookie' }
		]);
	});

	it('ends when there is nothing left to prove, or it is linked elsewhere', async () => {
		setOutFor({ email: asha.email });
		answers[PROVE] = [() => problem(409, 'conflict')];
		await arrive(undefined);
		await page.getByLabelText('6-digit code').fill('111111');
		await expect
			.element(page.getByRole('alert').filter({ hasText: 'is linked already' }))
			.toBeVisible();
		await expect.element(button('Start again with Google')).toBeVisible();
		await expect.element(page.getByRole('link', { name: 'Back to sign-in' })).toBeVisible();
	});

	it('has kind words for a no, and starts again', async () => {
		setOutFor();
		answers[START] = [() => json({ authorization_url: 'https://accounts.google.com/x' })];
		const { leave } = await arrive({ error: 'access_denied' });
		await expect.element(heading('You did not sign in with Google')).toBeVisible();
		await button('Start again with Google').click();
		await vi.waitFor(() => expect(leave).toHaveBeenCalledWith('https://accounts.google.com/x'));
		expect(sent.map(({ path }) => path)).toEqual([START]);
	});

	it('does not show what an address claims went wrong', async () => {
		setOutFor();
		await arrive({ error: 'call +1 555 0100 now' });
		await expect.element(heading('Signing in with Google did not work')).toBeVisible();
		await expect.element(page.getByText('555')).not.toBeInTheDocument();
	});

	it('says when it was used, too late, or begun in another browser', async () => {
		setOutFor();
		const detail = 'That sign-in was started in another browser.';
		answers[FINISH] = [() => problem(422, 'provider_refused', { detail })];
		await arrive(brought);
		await expect.element(page.getByRole('alert').filter({ hasText: detail })).toBeVisible();
		await expect.element(button('Start again with Google')).toBeVisible();
	});

	it('without anything to finish says so, in a tab that knows nothing too', async () => {
		await arrive(undefined);
		await expect.element(heading('This sign-in is over')).toBeVisible();
		await expect.element(button('Start again with the other service')).toBeVisible();
		expect(sent).toEqual([]);
	});

	it('tries the same again when nobody answered', async () => {
		setOutFor();
		const { onsignedin } = await arrive(brought);
		await expect.element(heading('We cannot reach the server')).toBeVisible();
		answers[FINISH] = [() => json(opened)];
		await button('Try again').click();
		await vi.waitFor(() => expect(onsignedin).toHaveBeenCalledOnce());
		expect(sent.map(({ body }) => body)).toEqual([
			{ ...brought, session: 'cookie' },
			{ ...brought, session: 'cookie' }
		]);
	});

	it('stays here when the provider is away', async () => {
		setOutFor();
		answers[START] = [() => problem(422, 'provider_refused')];
		const { leave } = await arrive({ error: 'server_error' });
		await button('Start again with Google').click();
		await expect
			.element(page.getByRole('alert').filter({ hasText: 'Google cannot be reached' }))
			.toBeVisible();
		expect(leave).not.toHaveBeenCalled();
	});
});

describe('linking', () => {
	it('links to the account of whoever is signed in', async () => {
		setOutFor({ link: true });
		session.adopt(opened);
		answers[LINK] = [() => new Response(null, { status: 204 })];
		const { onlinked, onsignedin } = await arrive(brought);
		await vi.waitFor(() => expect(onlinked).toHaveBeenCalledWith('Google'));
		expect(onsignedin).not.toHaveBeenCalled();
		expect(sent[0]?.body).toEqual(brought);
		expect(sent[0]?.headers.get('authorization')).toBe('Bearer t');
		expect(sent[0]?.headers.get('x-care-csrf')).toBe('1');
	});

	it('tells when it is linked elsewhere, and leads back to the account', async () => {
		setOutFor({ link: true });
		session.adopt(opened);
		answers[LINK] = [() => problem(409, 'conflict')];
		await arrive(brought);
		await expect.element(heading('Google could not be linked')).toBeVisible();
		await expect.element(page.getByRole('link', { name: 'Back to your account' })).toBeVisible();
		await expect.element(button('Start again with Google')).not.toBeInTheDocument();
	});

	it('links nothing when nobody is signed in any more', async () => {
		setOutFor({ link: true });
		await arrive(brought);
		await expect
			.element(page.getByRole('alert').filter({ hasText: 'signed out meanwhile' }))
			.toBeVisible();
		expect(sent).toEqual([]);
	});
});
