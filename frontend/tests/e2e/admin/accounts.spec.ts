import { expect, test } from '@playwright/test';
import {
	codeFor,
	GRACE,
	NEW_PASSWORD,
	newAddress,
	otherPage,
	registered,
	signedIn,
	signIn
} from '../fixtures/people.ts';

const CHOSEN_LATER = 'seven quiet lanterns 88';

test('an admin asks for a new password and ends all sessions; its owner gets back in', async ({
	page,
	browser
}) => {
	const email = newAddress('renew');
	const owner = await otherPage(browser);
	await registered(owner, 'Rena Renew', email);

	await signedIn(page, GRACE);
	await page.goto(`/admin/accounts?q=${encodeURIComponent(email)}`);
	const more = page.getByRole('button', { name: 'More about Rena Renew' });
	for (const [move, done] of [
		['Require a new password', /will choose a new password/],
		['Sign out everywhere', /is signed out everywhere/]
	] as const) {
		await more.click();
		await page.getByRole('menuitem', { name: move }).click();
		await page.getByRole('dialog').getByRole('button', { name: move }).click();
		await expect(page.getByText(done)).toBeVisible();
	}
	await expect(page.getByText('New password asked for')).toBeVisible();

	const again = await otherPage(browser);
	await again.goto('/login');
	await again.getByLabel('Email', { exact: true }).fill(email);
	await again.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
	await again.getByRole('button', { name: 'Sign in', exact: true }).click();
	await expect(
		again.getByRole('heading', { level: 1, name: 'Choose a new password' })
	).toBeVisible();
	await again
		.getByLabel('6-digit code')
		.fill(await codeFor(again.request, email, /code for a new password/i));
	await again.getByLabel('New password', { exact: true }).fill(CHOSEN_LATER);
	await again.getByLabel('New password again').fill(CHOSEN_LATER);
	await again.getByRole('button', { name: 'Set password' }).click();
	await expect(again).toHaveURL(/\/login/);
	await signIn(again, email, CHOSEN_LATER);
	await expect(again).toHaveURL(/\/tickets/);
});
