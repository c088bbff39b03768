import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { someone } from '#lib/api/testing.ts';
import type { NewTicket } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import '../../../app.css';
import RaiseHarness from './RaiseHarness.svelte';

const customer = someone({ name: 'Ravi Kumar', email: 'ravi@example.org' });
const service = (id: string, name: string, icon: string) => ({
	id,
	name,
	icon,
	description: '',
	position: 0,
	retired_at: null,
	version: 1,
	created_at: '2026-01-01T00:00:00Z',
	updated_at: '2026-01-01T00:00:00Z'
});
const services = [service('s-cards', 'Cards', 'card'), service('s-net', 'Internet', 'network')];

interface Sent {
	body: NewTicket;
	key: string | null;
}
/** What came to `POST /tickets`, and what it answers. */
let sent: Sent[];
let answers: ((body: NewTicket) => Response)[];

const problem = (status: number, code: string, errors: unknown[] = []) =>
	Response.json({ status, code, title: code, detail: '', errors }, { status });

beforeEach(() => {
	localStorage.clear();
	sessionStorage.clear();
	sent = [];
	answers = [];
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const { pathname } = new URL(request.url);
		if (pathname === '/api/v1/services') return Response.json({ items: services });
		if (pathname !== '/api/v1/tickets') return problem(404, 'not_found');
		const body = (await request.json()) as NewTicket;
		sent.push({ body, key: request.headers.get('idempotency-key') });
		const answer = answers.shift();
		return (
			answer?.(body) ?? Response.json({ id: 't1', number: 'CCR-1001', ...body }, { status: 201 })
		);
	});
});
afterEach(async () => {
	vi.restoreAllMocks();
	await session.signOut();
});

const signIn = () => session.adopt({ access_token: 't', expires_in: 900, user: customer });
const what = () => page.getByLabelText('What happened?');
const next = () => page.getByRole('button', { name: 'Continue' });
const send = () => page.getByRole('button', { name: 'Raise ticket' });
const radio = (name: string) => page.getByRole('radio', { name });

async function tell(text: string) {
	await what().fill(text);
	await next().click();
}

describe('raising a ticket', () => {
	it('guesses kind, service and title, and sends one ticket with what was typed', async () => {
		signIn();
		const onraised = vi.fn();
		await render(RaiseHarness, { user: customer, onraised });
		await what().fill('My debit card was charged twice. I never ordered this.');
		await expect.element(radio('Complaint')).toBeChecked();
		await expect.element(page.getByLabelText('It is about')).toHaveValue('s-cards');
		await next().click();
		await expect
			.element(page.getByLabelText('Title'))
			.toHaveValue('My debit card was charged twice');
		await page.getByLabelText('Wanted outcome (optional)').fill('The money back');
		await next().click();
		await expect.element(page.getByLabelText('Name')).toHaveValue('Ravi Kumar');
		await page.getByLabelText('Phone (optional)').fill('+91 98400 12345');
		await send().click();
		await vi.waitFor(() => expect(onraised).toHaveBeenCalledOnce());
		expect(sent).toHaveLength(1);
		expect(sent[0]?.body).toEqual({
			kind: 'complaint',
			service_id: 's-cards',
			subject: 'My debit card was charged twice',
			description: 'My debit card was charged twice. I never ordered this.',
			contact: {
				name: 'Ravi Kumar',
				email: 'ravi@example.org',
				phone: '+91 98400 12345',
				preferred_channel: 'email'
			},
			complaint: {
				against: null,
				incident_date: null,
				reference: null,
				wanted_outcome: 'The money back'
			}
		});
		// Sent: the next visit starts empty.
		expect(Object.keys(localStorage).filter((key) => key.startsWith('care_draft'))).toEqual([]);
	});

	it('leaves alone what was chosen by hand, and asks complaint facts of complaints only', async () => {
		signIn();
		await render(RaiseHarness, { user: customer });
		await radio('Question').click({ force: true });
		await page.getByLabelText('It is about').selectOptions('s-net');
		await tell('My debit card was charged wrongly');
		await expect.element(page.getByLabelText('Title')).toBeVisible();
		await expect.element(page.getByLabelText('Wanted outcome (optional)')).not.toBeInTheDocument();
		await page.getByRole('button', { name: 'Back' }).click();
		await expect.element(radio('Question')).toBeChecked();
		await expect.element(page.getByLabelText('It is about')).toHaveValue('s-net');
	});

	it('holds on to a step that is not right and says why', async () => {
		signIn();
		await render(RaiseHarness, { user: customer });
		await next().click();
		await expect.element(page.getByText('Please fill this in.')).toBeVisible();
		await expect.element(what()).toHaveFocus();
		await what().fill('Now there are words');
		await expect.element(page.getByText('Please fill this in.')).not.toBeInTheDocument();
		await next().click();
		await page.getByLabelText('Title').fill('ab');
		await next().click();
		await expect.element(page.getByText('Use at least 3 characters.')).toBeVisible();
	});

	it('keeps every keystroke through a reload, for a visitor too, and hands it to who signs in', async () => {
		const visit = await render(RaiseHarness, { user: null });
		await tell('The router keeps dropping');
		await page.getByLabelText('Against (optional)').fill('Network team');
		await vi.waitFor(() => expect(JSON.stringify(localStorage)).toContain('Network team'));
		await visit.unmount();

		const again = await render(RaiseHarness, { user: null });
		await expect.element(page.getByLabelText('Against (optional)')).toHaveValue('Network team');
		await next().click();
		await expect.element(page.getByText('I am new here')).toBeVisible();
		await again.unmount();

		signIn();
		await render(RaiseHarness, { user: customer });
		await expect.element(page.getByText('The router keeps dropping').first()).toBeVisible();
		await expect
			.element(page.getByLabelText('Email', { exact: true }).first())
			.toHaveValue('ravi@example.org');
		await send().click();
		await vi.waitFor(() => expect(sent).toHaveLength(1));
		expect(sent[0]?.body.complaint?.against).toBe('Network team');
	});

	it('takes faults the server finds to the step they belong to', async () => {
		signIn();
		answers = [
			() =>
				problem(422, 'invalid', [
					{ pointer: '/subject', code: 'not_allowed', detail: 'Choose another title.' }
				])
		];
		await render(RaiseHarness, { user: customer });
		await tell('Something happened to my parcel');
		await next().click();
		await send().click();
		await expect.element(page.getByText('Choose another title.')).toBeVisible();
		await expect.element(page.getByLabelText('Title')).toHaveFocus();
	});

	it('repeats a lost request under the same key, and a changed one only when told to', async () => {
		signIn();
		answers = [() => problem(503, 'unavailable'), () => problem(409, 'idempotency_mismatch')];
		await render(RaiseHarness, { user: customer });
		await tell('Something happened to my parcel');
		await next().click();
		await send().click();
		await expect
			.element(page.getByText('What you wrote is safe here.', { exact: false }))
			.toBeVisible();
		await send().click();
		await expect
			.element(page.getByText('An earlier try seems to have arrived', { exact: false }))
			.toBeVisible();
		expect(sent[1]?.key).toBe(sent[0]?.key);
		await page.getByRole('button', { name: 'Send as a new ticket' }).click();
		await vi.waitFor(() => expect(sent).toHaveLength(3));
		expect(sent[2]?.key).not.toBe(sent[0]?.key);
	});

	it('starts over with an undo that brings everything back', async () => {
		signIn();
		await render(RaiseHarness, { user: customer });
		await what().fill('Half a thought');
		await userEvent.keyboard('{Tab}');
		await page.getByRole('button', { name: 'Start over' }).click();
		await expect.element(what()).toHaveValue('');
		expect(localStorage.getItem('care_draft:u1:new-ticket') ?? '').not.toContain('Half a thought');
	});

	it('starts from the service it was opened from', async () => {
		signIn();
		await render(RaiseHarness, {
			user: customer,
			preset: { service_id: 's-net', kind: 'request' }
		});
		await what().fill('I was charged for a debit card');
		await expect.element(page.getByLabelText('It is about')).toHaveValue('s-net');
		await expect.element(radio('Request')).toBeChecked();
	});
});
