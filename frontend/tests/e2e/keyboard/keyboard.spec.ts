import { expect, test } from '@playwright/test';
import { signInByKeys as signIn, tabTo, typeInto } from '../fixtures/keys.ts';
import { MAYA, RAVI, signedIn, talk, ticketInWork } from '../fixtures/people.ts';

// On a phone there are no keys: only the desktop runs these.

test('a customer raises a ticket and writes on it', async ({ page }) => {
	await signIn(page, MAYA);
	await tabTo(page, page.getByRole('link', { name: 'Raise a ticket' }).first());
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/\/tickets\/new/);
	await typeInto(
		page,
		page.getByLabel('What happened?'),
		'Can I pay by invoice? I would rather not use a card.'
	);
	// The choice of kind moves with the arrow keys, like any radio buttons.
	await tabTo(
		page,
		page.getByRole('radiogroup', { name: 'This is a' }).getByRole('radio', { checked: true })
	);
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowLeft');
	await tabTo(page, page.getByRole('button', { name: 'Continue' }));
	await page.keyboard.press('Enter');
	await tabTo(page, page.getByLabel('Title'));
	await expect(page.getByLabel('Title')).toHaveValue('Can I pay by invoice?');
	await tabTo(page, page.getByRole('button', { name: 'Continue' }));
	await page.keyboard.press('Enter');
	await tabTo(page, page.getByRole('button', { name: 'Raise ticket' }));
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: 'We have your ticket' })).toBeFocused();
	await tabTo(page, page.getByRole('link', { name: 'Open the ticket' }));
	await page.keyboard.press('Enter');
	await typeInto(page, page.getByRole('textbox', { name: 'Message' }), 'It is not urgent.');
	await page.keyboard.press('Enter');
	await expect(talk(page).getByText('It is not urgent.')).toBeVisible();
	// Withdrawn again, with a reason, in a dialog that keeps the focus and gives it back.
	await tabTo(page, page.getByRole('button', { name: 'Withdraw ticket' }));
	await page.keyboard.press('Enter');
	const dialog = page.getByRole('dialog', { name: 'Withdraw this ticket?' });
	await expect(dialog).toBeVisible();
	await tabTo(page, dialog.getByRole('button', { name: 'Withdraw ticket' }));
	await page.keyboard.press('Enter');
	await expect(dialog).toBeHidden();
	await expect(page.getByText('You withdrew this ticket.', { exact: false }).first()).toBeVisible();
});

test('an agent finds a ticket, moves it, answers it and leaves it', async ({ page }) => {
	const number = await ticketInWork(page.request, 'Keys and nothing but keys');
	const status = page.getByRole('button', { name: /^Change status, now / });
	await signIn(page, RAVI);
	await expect(page).toHaveURL(/\/agent\/inbox\/mine$/);
	// Pressed as soon as the page can be seen.
	await expect(page.getByRole('heading', { level: 1, name: 'Assigned to me' })).toBeVisible();
	await page.keyboard.press('g');
	await page.keyboard.press('u');
	await expect(page.getByRole('heading', { level: 1, name: 'Unassigned' })).toBeFocused();
	await page.keyboard.press('g');
	await page.keyboard.press('m');
	await expect(page).toHaveURL(/\/agent\/inbox\/mine$/);

	await page.keyboard.press('/');
	await page.keyboard.type(number);
	await expect(page).toHaveURL(new RegExp(`q=${number}`));
	await expect(page.locator('main a[href*="/agent/tickets/"]')).toHaveCount(1);
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(new RegExp(`/agent/tickets/${number}\\?view=mine&q=${number}`));
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Keys and nothing but keys');

	await expect(status).toHaveAccessibleName('Change status, now Open');
	await page.keyboard.press('h');
	await expect(page.getByText(`${number} is on hold`)).toBeVisible();
	await expect(status).toHaveAccessibleName('Change status, now On hold');
	await page.keyboard.press('z');
	await expect(status).toHaveAccessibleName('Change status, now Open');

	await page.keyboard.press('r');
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
	await page.keyboard.type('Could you send me the contract number?');
	await page.keyboard.press('Control+Shift+Enter');
	await expect(talk(page).getByText('Could you send me the contract number?')).toBeVisible();
	await expect(page.getByText(`${number} waits for the customer`)).toBeVisible();
	await page.keyboard.press('e');
	await expect(status).toHaveAccessibleName('Change status, now Pending');

	await page.keyboard.press('Escape');
	await page.keyboard.press('e');
	await expect(status).toHaveAccessibleName('Change status, now Resolved');
	await expect(page.getByText(`${number} is resolved`)).toBeVisible();
	await page.keyboard.press('z');
	await expect(status).toHaveAccessibleName('Change status, now Pending');
	await page.keyboard.press('Escape');
	await expect(page).toHaveURL(new RegExp(`/agent/inbox/mine\\?q=${number}$`));
	await expect(page.locator(`#row-${number}`)).toBeFocused();
});

test('an undo before its move is answered does not undo the move before', async ({ page }) => {
	const number = await ticketInWork(page.request, 'Undone too early');
	const status = page.getByRole('button', { name: /^Change status, now / });
	await signedIn(page, RAVI);
	await page.goto(`/agent/tickets/${number}`);
	await expect(status).toHaveAccessibleName('Change status, now Open');
	await page.keyboard.press('h');
	await expect(page.getByText(`${number} is on hold`)).toBeVisible();

	let answer = (): void => undefined;
	const answered = new Promise<void>((resolve) => (answer = resolve));
	await page.route('**/status', async (route) => {
		await answered;
		await route.continue();
	});
	await page.keyboard.press('e');
	await expect(status).toHaveAccessibleName('Change status, now Resolved');
	await page.keyboard.press('z');
	answer();
	await expect(page.getByText(`${number} is resolved`)).toBeVisible();
	await expect(status).toHaveAccessibleName('Change status, now Resolved');
});

test('the keys are listed, and everything is found by its name', async ({ page }) => {
	await signedIn(page, RAVI);
	await page.goto('/agent/inbox/mine');
	await page.locator('main a[href*="/agent/tickets/"]').first().waitFor();
	const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
	await page.keyboard.press('Shift+?');
	await expect(keys.getByText('Next ticket')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(keys).toBeHidden();
	await page.keyboard.press('Control+k');
	const palette = page.getByRole('dialog');
	await expect(palette).toBeVisible();
	await page.keyboard.type('feedback');
	await expect(palette.getByRole('option').first()).toContainText('eedback');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/\/agent\/feedback/);
});
