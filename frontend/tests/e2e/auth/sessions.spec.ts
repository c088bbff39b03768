import { expect, test } from '@playwright/test';
import { NEW_PASSWORD, newAddress, otherPage, registered, signIn } from '../fixtures/people.ts';

test('one sees where one is signed in, ends the other place, and finds the history', async ({
	page,
	browser
}) => {
	const email = newAddress('places');
	await registered(page, 'Sam Places', email);
	const other = await otherPage(browser, {
		userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
	});
	await other.goto('/login');
	await other.getByLabel('Email', { exact: true }).fill(email);
	await other.getByLabel('Password', { exact: true }).fill('not the right words');
	await other.getByRole('button', { name: 'Sign in', exact: true }).click();
	await expect(other.getByRole('alert')).toBeVisible();
	await signIn(other, email, NEW_PASSWORD);

	await page.goto('/account/security');
	const places = page.getByRole('list', { name: 'Where you are signed in' });
	await expect(places.getByRole('listitem')).toHaveCount(2);
	await expect(places.getByRole('listitem').first()).toContainText('This device');
	await page.getByRole('button', { name: 'Sign out Firefox on Windows' }).click();
	const asked = page.getByRole('dialog', { name: 'Sign out Firefox on Windows?' });
	await expect(asked).toContainText('This cannot be undone');
	await asked.getByRole('button', { name: 'Sign out', exact: true }).click();
	await expect(page.getByText('You are signed in nowhere else.')).toBeVisible();

	// Over there the page asks for the password at once.
	await expect(other.getByRole('dialog')).toContainText(email);

	const history = page.getByRole('list', { name: 'Sign-ins' }).getByRole('listitem');
	await expect(history.filter({ hasText: 'Wrong password' })).toContainText('Firefox on Windows');
	await expect(history.filter({ hasText: 'Firefox on Windows' }).first()).toContainText(
		'New device'
	);
});
