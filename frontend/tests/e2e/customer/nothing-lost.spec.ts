import { expect, test, type Page } from '@playwright/test';
import {
	MAYA,
	NEW_PASSWORD,
	newAddress,
	otherPage,
	RAVI,
	registered,
	signedIn,
	signIn,
	talk,
	ticketInWork
} from '../fixtures/people.ts';

test('what was typed survives a reload and signing out', async ({ page }) => {
	await signedIn(page, MAYA);
	await page.goto('/tickets/new');
	await page.getByLabel('What happened?').fill('My router restarts every evening at nine.');
	await page.reload();
	await expect(page.getByLabel('What happened?')).toHaveValue(/every evening/);
	await page.goto('/account');
	await page.getByRole('button', { name: 'Sign out' }).click();
	await expect(page).not.toHaveURL(/account/);
	// Whoever comes to this device next does not see it.
	await page.goto('/tickets/new');
	await expect(page.getByLabel('What happened?')).toHaveValue('');
	await signIn(page, MAYA);
	await page.goto('/tickets/new');
	await expect(page.getByLabel('What happened?')).toHaveValue(/every evening/);
	await page.getByRole('button', { name: 'Start over' }).click();
	await expect(page.getByLabel('What happened?')).toHaveValue('');
});

test('a message written offline goes out once, after a reload too', async ({ page, browser }) => {
	const number = await ticketInWork(page.request, 'What does the line rental include?');
	await signedIn(page, MAYA);
	await page.goto(`/tickets/${number}`);
	const box = page.getByRole('textbox', { name: 'Message' });
	await expect(box).toBeVisible();
	await page.context().setOffline(true);
	await box.fill('Written in a tunnel.');
	await page.getByRole('button', { name: 'Send message' }).click();
	await expect(
		page.getByText("It is safe here; we'll send it when you're back online.")
	).toBeVisible();
	await page.context().setOffline(false);
	await page.reload();
	await expect(talk(page).getByText('Written in a tunnel.')).toBeVisible();

	const agent = await otherPage(browser);
	await signedIn(agent, RAVI);
	await agent.goto(`/agent/tickets/${number}`);
	await expect(talk(agent).getByText('Written in a tunnel.')).toHaveCount(1);
});

test('two people see the same order', async ({ page, browser }) => {
	const number = await ticketInWork(page.request, 'In which order do things appear?');
	const agent = await otherPage(browser);
	await Promise.all([signedIn(page, MAYA), signedIn(agent, RAVI)]);
	await Promise.all([page.goto(`/tickets/${number}`), agent.goto(`/agent/tickets/${number}`)]);
	const say = async (who: Page, text: string) => {
		await who.getByRole('textbox', { name: 'Message' }).fill(text);
		await who.getByRole('button', { name: 'Send message' }).click();
	};
	for (const n of [1, 2, 3]) {
		await Promise.all([say(page, `customer says ${n}`), say(agent, `agent says ${n}`)]);
	}
	const order = async (who: Page) =>
		(await talk(who).innerText()).match(/(customer|agent) says \d/g) ?? [];
	await expect
		.poll(async () => ({ customer: await order(page), sorted: (await order(page)).toSorted() }))
		.toMatchObject({
			sorted: [1, 2, 3]
				.map((n) => `agent says ${n}`)
				.concat([1, 2, 3].map((n) => `customer says ${n}`))
		});
	const seen = await order(page);
	await expect.poll(() => order(agent)).toEqual(seen);
	// What the server keeps, too.
	await page.reload();
	await expect.poll(() => order(page)).toEqual(seen);
});

test('a session that ends while one types asks again, and what was sent goes out', async ({
	page,
	browser
}) => {
	const email = newAddress('sam');
	// Nothing but the sending itself tells this page.
	await page.route('**/api/v1/stream', (route) => route.abort());
	await registered(page, 'Sam Signed-Out', email);
	await page.goto('/tickets/new');
	await page.getByLabel('What happened?').fill('The parcel never came, and nobody answers.');
	await page.getByRole('button', { name: 'Continue' }).click();
	await expect(page.getByLabel('Title')).toHaveValue(/The parcel/);
	await page.getByRole('button', { name: 'Continue' }).click();
	await expect(page.getByRole('button', { name: 'Raise ticket' })).toBeVisible();

	// Another device changes the password: this one is signed out.
	const device = await otherPage(browser);
	await signedIn(device, email, NEW_PASSWORD);
	await device.goto('/account/security');
	await device.getByLabel('Current password').fill(NEW_PASSWORD);
	await device.getByLabel('New password', { exact: true }).fill('amber meadow lantern 7');
	await device.getByLabel('New password again').fill('amber meadow lantern 7');
	await device.getByRole('button', { name: 'Change password' }).click();
	await expect(device.getByText('Other devices have been signed out.')).toBeVisible();

	await page.getByRole('button', { name: 'Raise ticket' }).click();
	const dialog = page.getByRole('dialog', { name: 'Please sign in again' });
	await dialog.getByLabel('Password', { exact: true }).fill('amber meadow lantern 7');
	await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
	await expect(page.getByRole('heading', { name: 'We have your ticket' })).toBeVisible();
	await page.goto('/tickets');
	await expect(page.locator('main a[href*="CCR-"]')).toHaveCount(1);
});
