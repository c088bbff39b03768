import { expect, test, type Page } from '@playwright/test';
import {
	GRACE,
	MAYA,
	NEW_PASSWORD,
	newAddress,
	otherPage,
	PASSWORD,
	registered,
	signedIn,
	signIn
} from '../fixtures/people.ts';

const PAUSED = /We have paused sign-ins and changes to keep your data safe/;
const strip = (page: Page) => page.getByRole('complementary', { name: 'Closed for the moment' });

/** Turns the switch on the admin's page. */
async function turn(page: Page, press: RegExp, reason: string, done: string): Promise<void> {
	await page.getByRole('button', { name: press }).click();
	const dialog = page.getByRole('dialog', { name: press });
	await dialog.getByLabel('Why').fill(reason);
	await dialog.getByLabel('Current password').fill(PASSWORD);
	await dialog.getByRole('button', { name: press }).click();
	await expect(dialog).toBeHidden();
	await expect(page.getByText(done, { exact: true })).toBeVisible();
}

test('a lockdown signs everybody else out and lets nobody in, until the admin ends it', async ({
	page,
	browser
}) => {
	const email = newAddress('locked');
	const customer = await otherPage(browser);
	await registered(customer, 'Lola Locked', email);
	await customer.goto('/tickets');
	await expect(customer.getByRole('heading', { level: 1, name: 'My tickets' })).toBeVisible();
	await expect(strip(customer)).toBeHidden();

	await signedIn(page, GRACE);
	await page.goto('/admin/accounts');
	await turn(page, /Start the lockdown/, 'Odd sign-ins since noon', 'The lockdown is on');
	try {
		// Whoever started it goes on, and sees how it stands.
		await expect(page.getByText(/Odd sign-ins since noon/)).toContainText('Grace');
		await expect(strip(page)).toContainText(PAUSED);

		// The customer is asked to sign in at once; that is refused, with the reason in plain words.
		const again = customer.getByRole('dialog', { name: 'Please sign in again' });
		await expect(again).toContainText(email);
		await again.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
		await again.getByRole('button', { name: 'Sign in', exact: true }).click();
		await expect(again.getByRole('alert')).toContainText(PAUSED);
		await expect(customer.getByText(PAUSED)).toHaveCount(2);

		// A visitor is told on every page, before trying.
		const visitor = await otherPage(browser);
		await visitor.goto('/');
		await expect(strip(visitor)).toContainText(PAUSED);
		await visitor.goto('/login');
		await expect(strip(visitor)).toContainText(PAUSED);
		await visitor.getByLabel('Email', { exact: true }).fill(MAYA);
		await visitor.getByLabel('Password', { exact: true }).fill(PASSWORD);
		await visitor.getByRole('button', { name: 'Sign in', exact: true }).click();
		await expect(visitor.getByRole('alert')).toContainText(PAUSED);
		await expect(visitor).toHaveURL(/\/login/);
	} finally {
		await turn(page, /End the lockdown/, 'A false alarm', 'The lockdown is over');
	}

	await expect(page.getByText('Everything is open.')).toBeVisible();
	await expect(strip(page)).toBeHidden();
	// Where the customer was, and as somebody else on a page of their own.
	const again = customer.getByRole('dialog', { name: 'Please sign in again' });
	await again.getByRole('button', { name: 'Sign in', exact: true }).click();
	await expect(again).toBeHidden();
	const maya = await otherPage(browser);
	await signIn(maya, MAYA);
	await expect(strip(maya)).toBeHidden();
});
