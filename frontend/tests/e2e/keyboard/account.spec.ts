import { expect, test, type Locator, type Page } from '@playwright/test';
import { signInByKeys, tabTo, typeInto } from '../fixtures/keys.ts';
import { NEW_PASSWORD, newAddress, registered } from '../fixtures/people.ts';
import { Authenticator } from '../fixtures/totp.ts';

const button = (page: Page | Locator, name: string) =>
	page.getByRole('button', { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

async function press(page: Page, target: Locator): Promise<void> {
	await tabTo(page, target);
	await page.keyboard.press('Enter');
}

/** Opens a dialog with its button: it begins in a field, does not let the focus out, and Escape gives it back. */
async function inAndOut(page: Page, opener: Locator, field: string): Promise<Locator> {
	const dialog = page.getByRole('dialog');
	await press(page, opener);
	await expect(dialog.getByLabel(field, { exact: true })).toBeFocused();
	const inside = () => dialog.evaluate((node) => node.contains(document.activeElement));
	for (const key of ['Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Tab', 'Tab']) {
		await page.keyboard.press(key);
		expect(await inside(), `the focus is in the dialog after ${key}`).toBe(true);
	}
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	await expect(opener).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(dialog.getByLabel(field, { exact: true })).toBeFocused();
	return dialog;
}

async function goTo(page: Page, part: string): Promise<void> {
	const parts = page.getByRole('navigation', { name: 'Parts of your account' });
	await press(page, parts.getByRole('link', { name: part }));
	await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
}

test('an account is looked after without a mouse', async ({ page }) => {
	test.setTimeout(60_000);
	const email = newAddress('kay');
	await registered(page, 'Kay Board', email);
	await page.context().clearCookies();
	await signInByKeys(page, email, NEW_PASSWORD);
	await expect(heading(page, 'My tickets')).toBeFocused();
	await press(page, page.getByRole('banner').getByRole('link', { name: 'Your account' }));
	await expect(heading(page, 'Your account')).toBeFocused();

	// Another address, asked for and given up: the focus goes on where there is something to do.
	await inAndOut(page, button(page, 'Change my email address'), 'New email address');
	await page.keyboard.type(newAddress('kay.later'));
	await typeInto(page, page.getByLabel('Current password', { exact: true }), NEW_PASSWORD);
	await page.keyboard.press('Enter');
	await expect(page.getByLabel('6-digit code')).toBeFocused();
	await press(page, button(page, 'Keep my present address'));
	await expect(heading(page, 'Email address')).toBeFocused();

	await goTo(page, 'Security');
	const set = button(page, 'Set security questions');
	const asked = await inAndOut(page, set, 'Question');
	await page.keyboard.type('Who taught me to swim?');
	await typeInto(page, asked.getByLabel('Answer', { exact: true }), 'Uncle Bo');
	await press(page, button(asked, 'Add a question'));
	await expect(asked.getByLabel('Question', { exact: true }).nth(1)).toBeFocused();
	await press(page, button(asked, 'Remove question 2'));
	await expect(asked.getByLabel('Question', { exact: true })).toBeFocused();
	await typeInto(page, asked.getByLabel('Current password', { exact: true }), NEW_PASSWORD);
	await page.keyboard.press('Enter');
	await expect(asked).toBeHidden();
	await expect(button(page, 'Replace my questions')).toBeFocused();

	// The second factor: what was pressed is gone each time, and one is never lost.
	await press(page, button(page, 'Set up'));
	await expect(heading(page, 'Second factor')).toBeFocused();
	const next = button(page, 'Continue');
	const form = page.locator('form').filter({ has: next });
	await typeInto(page, form.getByLabel('Current password', { exact: true }), NEW_PASSWORD);
	await page.keyboard.press('Enter');
	await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
	const app = new Authenticator((await page.locator('code').textContent()) ?? '');
	await typeInto(page, page.getByLabel('6-digit code'), app.code());
	await expect(heading(page, 'Your recovery codes')).toBeFocused();
	await press(page, button(page, 'I have kept them'));
	await expect(heading(page, 'Second factor')).toBeFocused();
	const proof = await inAndOut(page, button(page, 'Turn off'), 'Current password');
	await page.keyboard.type(NEW_PASSWORD);
	await typeInto(page, proof.getByLabel('Code of your app'), app.code());
	await page.keyboard.press('Enter');
	await expect(proof).toBeHidden();
	await expect(heading(page, 'Second factor')).toBeFocused();

	await goTo(page, 'My data');
	await inAndOut(page, button(page, 'Delete my account…'), 'Your email address');
	await page.keyboard.press('Escape');
	await press(page, button(page, 'Sign out'));
	await expect(heading(page, 'Sign in')).toBeFocused();
});
