import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import {
	ELENA,
	GRACE,
	MAYA,
	RAVI,
	signedIn,
	talk,
	ticketInWork,
	token
} from '../fixtures/people.ts';

/** Does something through the API as somebody else, while the agent looks on. */
async function as(
	request: APIRequestContext,
	email: string,
	method: 'GET' | 'POST' | 'PATCH',
	path: string,
	data?: object
): Promise<Record<string, unknown>> {
	const headers = { Authorization: `Bearer ${await token(request, email)}` };
	const answer = await request.fetch(`/api/v1${path}`, { method, headers, data });
	expect(answer.ok(), await answer.text()).toBe(true);
	return (await answer.json()) as Record<string, unknown>;
}

const idOf = async (request: APIRequestContext, number: string): Promise<string> =>
	String((await as(request, GRACE, 'GET', `/tickets/${number}`)).id);

async function raise(request: APIRequestContext, subject: string): Promise<string> {
	const ticket = await as(request, MAYA, 'POST', '/tickets', {
		kind: 'question',
		subject,
		description: 'Please have a look.',
		contact: { name: 'Maya Fernando', email: MAYA, preferred_channel: 'email' }
	});
	return String(ticket.number);
}

async function open(page: Page, number: string): Promise<void> {
	await page.goto(`/agent/tickets/${number}`);
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
	await expect(
		page.getByText('Please have a look.').or(page.getByText('Where can I see')).first()
	).toBeVisible();
}

/** Without live events: what happens elsewhere is not seen until it is asked for. */
const deaf = (page: Page) => page.route('**/api/v1/stream', (route) => route.abort());

const status = (page: Page) => page.getByRole('button', { name: /^Change status, now / });

test('the second of two who take a ticket is told that somebody else has it', async ({ page }) => {
	const number = await raise(page.request, 'Wanted by two');
	await deaf(page);
	await signedIn(page, RAVI);
	await open(page, number);
	await as(page.request, ELENA, 'POST', `/tickets/${await idOf(page.request, number)}/take`, {});
	await page.getByRole('button', { name: 'Take', exact: true }).first().click();
	await expect(page.getByText(`Somebody else took ${number} a moment ago.`)).toBeVisible();
	await expect(
		page.getByRole('heading', { name: 'This ticket is with someone else now' })
	).toBeVisible();
	await page.getByRole('button', { name: 'Back to the list' }).click();
	await expect(page).toHaveURL(/\/agent\/inbox\/mine/);
});

test('a ticket is not resolved over a message nobody has seen', async ({ page }) => {
	const number = await ticketInWork(page.request, 'One more thing');
	await deaf(page);
	await signedIn(page, RAVI);
	await open(page, number);
	await expect(status(page)).toBeVisible();
	await as(page.request, MAYA, 'POST', `/tickets/${await idOf(page.request, number)}/messages`, {
		body: 'Wait, one more thing!'
	});
	const resolve = page.getByRole('button', { name: 'Resolve', exact: true });
	await resolve.click();
	await expect(page.getByText(`${number} changed a moment ago`, { exact: false })).toBeVisible();
	await expect(talk(page).getByText('Wait, one more thing!')).toBeVisible();
	await expect(status(page)).toHaveAccessibleName('Change status, now Open');
	// Now that it has been seen.
	await resolve.click();
	await expect(status(page)).toHaveAccessibleName('Change status, now Resolved');
});

test('a ticket that is handed on while it is open leaves kindly, with the text', async ({
	page
}) => {
	const number = await ticketInWork(page.request, 'Handed on');
	await signedIn(page, RAVI);
	await open(page, number);
	await page.getByRole('textbox', { name: 'Message' }).fill('Half an answer');
	const { items } = await as(page.request, GRACE, 'GET', '/agents');
	const elena = (items as { id: string; email: string }[]).find(({ email }) => email === ELENA);
	await as(page.request, GRACE, 'POST', `/tickets/${await idOf(page.request, number)}/assign`, {
		assignee_id: elena?.id
	});
	await expect(
		page.getByRole('heading', { name: 'This ticket is with someone else now' })
	).toBeVisible();
	await expect(page.getByText('Half an answer')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Copy the text' })).toBeVisible();
});

test('a reply written without a connection goes out later, and the status follows it', async ({
	page,
	context
}) => {
	const number = await ticketInWork(page.request, 'In the tunnel');
	await signedIn(page, RAVI);
	await open(page, number);
	await page.getByRole('textbox', { name: 'Message' }).fill('Written in the tunnel');
	await page.getByRole('button', { name: 'Send, and then…' }).click();
	await expect(
		page.getByRole('menuitem', { name: 'Reply and wait for the customer' })
	).toBeVisible();
	await context.setOffline(true);
	await page.getByRole('menuitem', { name: 'Reply and wait for the customer' }).click();
	await expect(page.getByText('The status changes once the reply has been sent.')).toBeVisible();
	await expect(status(page)).toHaveAccessibleName('Change status, now Open');
	await context.setOffline(false);
	await expect(status(page)).toHaveAccessibleName('Change status, now Pending', {
		timeout: 20_000
	});
	await expect(talk(page).getByText('Written in the tunnel')).toHaveCount(1);
});

test('a reply is followed by its status, whatever else is fetched meanwhile', async ({ page }) => {
	const number = await ticketInWork(page.request, 'Much going on');
	await signedIn(page, RAVI);
	await open(page, number);
	const path = `/tickets/${await idOf(page.request, number)}`;
	let asked = 0;
	let answer = () => {};
	const held = new Promise<void>((resolve) => (answer = resolve));
	await page.route(`**/api/v1/tickets/${number}`, async (route) => {
		asked += 1;
		await held;
		// What was fetched again is not waited for any more.
		await route.continue().catch(() => undefined);
	});
	await page.getByRole('textbox', { name: 'Message' }).fill('This is how it works.');
	await page.getByRole('button', { name: 'Send, and then…' }).click();
	await page.getByRole('menuitem', { name: 'Reply and wait for the customer' }).click();
	await expect.poll(() => asked).toBeGreaterThan(0);
	for (const priority of ['high', 'low']) {
		const before = asked;
		await as(page.request, RAVI, 'PATCH', path, { priority });
		await expect.poll(() => asked).toBeGreaterThan(before);
	}
	answer();
	await expect(status(page)).toHaveAccessibleName('Change status, now Pending');
});
