import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { meta } from '#lib/api/meta.svelte.ts';
import { queryClient } from '#lib/api/query-client.ts';
import { json, problem, someone } from '#lib/api/testing.ts';
import type { Me, Meta } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { toasts } from '#lib/ui/toast.svelte.ts';
import '../../../app.css';
import Harness from '../Harness.svelte';
import DeleteAccount from './DeleteAccount.svelte';
import EmailAddress from './EmailAddress.svelte';
import MyExport from './MyExport.svelte';
import Phone from './Phone.svelte';
import Picture from './Picture.svelte';
import Questions from './Questions.svelte';

const LATER = '2026-01-09T10:30:00Z';

let sent: { what: string; body: unknown }[];
/** What each request is answered; nobody answers the others. */
let answers: Record<string, () => Response>;

beforeEach(() => {
	localStorage.clear();
	queryClient.clear();
	sent = [];
	answers = {};
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const what = `${request.method} ${new URL(request.url).pathname.replace('/api/v1', '')}`;
		if (request.method !== 'GET') {
			const text = await request.text();
			sent.push({ what, body: text.startsWith('{') ? JSON.parse(text) : undefined });
		}
		const answer = answers[what];
		if (!answer) throw new TypeError('nobody answers');
		return answer();
	});
});
afterEach(async () => {
	vi.restoreAllMocks();
	for (const { id } of toasts.items) toasts.dismiss(id);
	meta.current = undefined;
	await session.signOut();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const dialog = (name: string) => page.getByRole('dialog', { name });
const none = () => new Response(null, { status: 204 });
const wrong = (pointer: string, code: string) => () =>
	problem(422, 'invalid', { errors: [{ pointer, code, detail: '' }] });
const wrongPassword = wrong('/current_password', 'mismatch');

async function open(part: typeof Phone, more: Partial<Me> = {}) {
	session.adopt({ access_token: 't', expires_in: 900, user: someone(more) });
	await render(Harness, { parts: [part] });
}
const typePassword = () => page.getByLabelText('Current password').fill('purple lamps hum');

describe('the address', () => {
	const PATH = '/me/email-change';
	const pending = { email: 'new@example.org', expires_at: LATER };

	beforeEach(() => {
		answers[`GET ${PATH}`] = () => json({ pending: null });
	});

	it('is asked for with the password, proven by its code', async () => {
		await open(EmailAddress);
		await button('Change my email address').click();
		const asked = dialog('Change my email address');
		await asked.getByLabelText('New email address').fill('new@example.org');
		await typePassword();
		answers[`POST ${PATH}`] = wrongPassword;
		await asked.getByRole('button', { name: 'Send the code' }).click();
		await expect.element(page.getByText('That is not your current password.')).toBeVisible();
		answers[`POST ${PATH}`] = () => json({ pending }, 202);
		await asked.getByRole('button', { name: 'Send the code' }).click();
		await expect
			.element(page.getByText('We sent a code and a link to new@example.org.', { exact: false }))
			.toBeVisible();
		await expect.element(page.getByRole('button', { name: /^New code in/ })).toBeDisabled();
		await expect.element(page.getByLabelText('6-digit code')).toHaveFocus();
		answers[`POST ${PATH}/confirm`] = () => json(someone({ email: 'new@example.org' }));
		await page.getByLabelText('6-digit code').fill('042042');
		await vi.waitFor(() => expect(session.user?.email).toBe('new@example.org'));
		await expect.element(button('Change my email address')).toBeVisible();
		expect(sent.at(-1)).toEqual({ what: `POST ${PATH}/confirm`, body: { code: '042042' } });
	});

	it('that is one’s own already is said at the field', async () => {
		answers[`POST ${PATH}`] = wrong('/email', 'not_allowed');
		await open(EmailAddress, { has_password: false });
		await button('Change my email address').click();
		await page.getByLabelText('New email address').fill('asha@example.org');
		await expect.element(page.getByLabelText('Current password')).not.toBeInTheDocument();
		await button('Send the code').click();
		await expect.element(page.getByText('That is your address already.')).toBeVisible();
		expect(sent[0]?.body).toEqual({ email: 'asha@example.org' });
	});

	it('stays when one wants, and when the code is no more', async () => {
		answers[`GET ${PATH}`] = () => json({ pending });
		answers[`DELETE ${PATH}`] = none;
		await open(EmailAddress);
		await button('Keep my present address').click();
		await expect.element(button('Change my email address')).toBeVisible();

		queryClient.setQueryData(['me', 'email-change'], pending);
		answers[`GET ${PATH}`] = () => json({ pending: null });
		answers[`POST ${PATH}/confirm`] = () => problem(422, 'code_wrong_or_expired');
		await page.getByLabelText('6-digit code').fill('111111');
		await expect
			.element(page.getByText('That code is no longer good.', { exact: false }))
			.toBeVisible();
	});
});

describe('the telephone', () => {
	const pending = (more: object = {}) => ({
		pending: { phone: '+919876543210', expires_at: LATER, failed: false, ...more }
	});

	beforeEach(() => {
		answers['GET /me/phone'] = () => json({ pending: null });
	});

	it('is written down as it is where there are no texts', async () => {
		await open(Phone);
		answers['PATCH /me'] = () => json(someone({ phone: '044 1234' }));
		await expect
			.element(page.getByText('We cannot send text messages here', { exact: false }))
			.toBeVisible();
		await page.getByLabelText('Phone').fill('044 1234');
		await button('Save').click();
		await expect.element(page.getByText('044 1234')).toBeVisible();
		answers['PATCH /me'] = () => json(someone());
		await button('Remove my number').click();
		await expect.element(page.getByLabelText('Phone')).toHaveValue('');
		expect(sent.map(({ body }) => body)).toEqual([{ phone: '044 1234' }, { phone: null }]);
	});

	it('is proven by a code that came by text', async () => {
		meta.current = { sms: true } as Meta;
		await open(Phone, { phone: '044 1234' });
		answers['POST /me/phone'] = wrong('/phone', 'malformed');
		await button('Confirm by text').click();
		await expect.element(page.getByLabelText('Phone')).toHaveAttribute('aria-invalid', 'true');
		answers['POST /me/phone'] = () => json(pending(), 202);
		await page.getByLabelText('Phone').fill('+91 98765 43210');
		await button('Send the code').click();
		await expect.element(page.getByRole('button', { name: /^New code in/ })).toBeDisabled();
		answers['POST /me/phone/confirm'] = () =>
			json(someone({ phone: '+919876543210', phone_confirmed: true }));
		await page.getByLabelText('6-digit code').fill('042042');
		await expect.element(page.getByText('Confirmed')).toBeVisible();
	});

	it('says that a text could not be sent, and takes another number', async () => {
		meta.current = { sms: true } as Meta;
		answers['GET /me/phone'] = () => json(pending({ failed: true }));
		await open(Phone);
		await expect
			.element(page.getByText('The text could not be sent.', { exact: false }))
			.toBeVisible();
		await button('Use another number').click();
		await expect.element(page.getByLabelText('Phone')).toHaveValue('+919876543210');
	});
});

describe('the picture', () => {
	/** A file as a person chooses it. */
	async function choose(file: File) {
		const files = new DataTransfer();
		files.items.add(file);
		const input = document.querySelector<HTMLInputElement>('input[type="file"]');
		if (!input) throw new Error('there is no field for files');
		input.files = files.files;
		input.dispatchEvent(new Event('change', { bubbles: true }));
	}
	async function drawn(): Promise<File> {
		const canvas = new OffscreenCanvas(40, 20);
		canvas.getContext('2d')?.fillRect(0, 0, 40, 20);
		return new File([await canvas.convertToBlob()], 'me.png', { type: 'image/png' });
	}

	it('is cut to a square, sent, and shown', async () => {
		await open(Picture);
		await choose(await drawn());
		const cut = dialog('Choose what to show');
		await expect.element(cut.getByLabelText('Left and right')).toBeVisible();
		await expect.element(cut.getByLabelText('Up and down')).not.toBeInTheDocument();
		const picture = await drawn();
		answers['PUT /me/avatar'] = () => json(someone({ avatar: '/api/v1/people/u1/avatar?v=1' }));
		answers['GET /people/u1/avatar'] = () => new Response(picture);
		await cut.getByRole('button', { name: 'Use this picture' }).click();
		await expect.element(button('Change the picture')).toBeVisible();
		await vi.waitFor(() => expect(document.querySelector('img[src^="blob:"]')).not.toBeNull());
	});

	it('must be one that can be opened', async () => {
		await open(Picture);
		await choose(new File(['%PDF'], 'a.pdf', { type: 'application/pdf' }));
		await expect.element(page.getByRole('alert')).toMatchTextContent(/This is no picture/);
		await choose(new File(['nothing'], 'a.png', { type: 'image/png' }));
		await expect.element(page.getByRole('alert')).toMatchTextContent(/could not open/);
		expect(sent).toEqual([]);
	});
});

describe('security questions', () => {
	const PATH = '/me/security-questions';
	const QUESTION = 'Who taught me to ride a bicycle?';

	it('are set with their answers and the password, and removed', async () => {
		answers[`GET ${PATH}`] = () => json({ items: [] });
		await open(Questions);
		await button('Set security questions').click();
		await page.getByLabelText('Question', { exact: true }).fill(QUESTION);
		await page.getByLabelText('Answer', { exact: true }).fill('bicycle');
		await typePassword();
		await button('Save').click();
		await expect.element(page.getByText('The answer is in the question.')).toBeVisible();
		await page.getByLabelText('Answer', { exact: true }).fill('Aunt Meena');
		answers[`PUT ${PATH}`] = () => json({ items: [{ question: QUESTION }] });
		await button('Save').click();
		await expect.element(page.getByText(QUESTION)).toBeVisible();
		expect(sent.at(-1)?.body).toEqual({
			items: [{ question: QUESTION, answer: 'Aunt Meena' }],
			current_password: 'purple lamps hum'
		});

		answers[`PUT ${PATH}`] = () => json({ items: [] });
		await button('Remove my questions').click();
		await typePassword();
		await dialog('Remove your security questions?')
			.getByRole('button', { name: 'Remove my questions' })
			.click();
		await expect.element(button('Set security questions')).toBeVisible();
		expect(sent.at(-1)?.body).toEqual({ items: [], current_password: 'purple lamps hum' });
	});
});

describe('a copy of one’s data', () => {
	const copy = (state: string, more: object = {}) => ({
		export: { state, created_at: LATER, ready_at: null, expires_at: null, size: null, ...more }
	});

	it('is prepared, and is there for a while', async () => {
		answers['GET /me/export'] = () => json({ export: null });
		answers['POST /me/export'] = () => json(copy('preparing'), 202);
		await open(MyExport);
		await button('Ask for a copy').click();
		await typePassword();
		answers['GET /me/export'] = () => json(copy('ready', { expires_at: LATER, size: 48_213 }));
		await button('Prepare the copy').click();
		await expect.element(page.getByRole('progressbar')).toBeVisible();
		await expect.element(page.getByText('Your copy is ready')).toBeVisible();
		await expect.element(page.getByText(/48\.2 kB/)).toBeVisible();
		answers['GET /me/export'] = () => json({ export: null });
		answers['GET /me/export/archive'] = () => problem(404, 'not_found');
		await button('Download').click();
		await expect
			.element(page.getByText('The time of this copy is over.', { exact: false }))
			.toBeVisible();
		await expect.element(button('Ask for a copy')).toBeVisible();
	});

	it('that failed is asked for again', async () => {
		answers['GET /me/export'] = () => json(copy('failed'));
		await open(MyExport);
		await expect.element(page.getByText('could not be prepared', { exact: false })).toBeVisible();
		await expect.element(button('Prepare a new copy')).toBeVisible();
	});
});

describe('deleting the account', () => {
	const state =
		(more: object = {}) =>
		() =>
			json({ due_at: null, grace_days: 14, open_tickets: 0, only_admin: false, ...more });

	it('takes the address and the password, and is undone', async () => {
		answers['GET /me/deletion'] = state();
		await open(DeleteAccount);
		await button('Delete my account…').click();
		const asked = dialog('Delete your account?');
		const go = asked.getByRole('button', { name: 'Delete my account' });
		await typePassword();
		await asked.getByLabelText('Your email address').fill('asha');
		await go.click();
		await expect.element(page.getByText('This is not asha@example.org.')).toBeVisible();
		expect(sent).toEqual([]);
		await asked.getByLabelText('Your email address').fill('Asha@example.org');
		answers['POST /me/deletion'] = state({ due_at: LATER });
		answers['GET /me'] = () => json(someone({ deletion_due_at: LATER }));
		await go.click();
		await expect.element(page.getByText(/will be deleted on/)).toBeVisible();
		expect(session.user?.deletion_due_at).toBe(LATER);
		await expect.element(button('Keep my account')).toHaveFocus();

		answers['DELETE /me/deletion'] = none;
		answers['GET /me/deletion'] = state();
		answers['GET /me'] = () => json(someone());
		await button('Keep my account').click();
		await expect.element(button('Delete my account…')).toBeVisible();
	});

	it('waits for tickets to be handed over', async () => {
		answers['GET /me/deletion'] = state({ open_tickets: 2 });
		await open(DeleteAccount, { role: 'agent' });
		await expect.element(page.getByText('Hand your tickets over first.')).toBeVisible();
		await expect.element(page.getByText(/2 unfinished tickets are yours/)).toBeVisible();
		await expect.element(button('Delete my account…')).not.toBeInTheDocument();
	});

	it('is not for the only admin, even if that came in between', async () => {
		answers['GET /me/deletion'] = state();
		await open(DeleteAccount, { role: 'admin' });
		await button('Delete my account…').click();
		await page.getByLabelText('Your email address').fill('asha@example.org');
		await typePassword();
		answers['POST /me/deletion'] = () => problem(409, 'conflict');
		answers['GET /me/deletion'] = state({ only_admin: true });
		await button('Delete my account').click();
		await expect.element(page.getByText('You are the only active admin.')).toBeVisible();
	});
});
