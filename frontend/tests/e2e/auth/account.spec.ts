import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { expect, test, type Page } from '@playwright/test';
import {
	codeFor,
	linkIn,
	mailTo,
	NEW_PASSWORD,
	newAddress,
	otherPage,
	registered,
	signIn
} from '../fixtures/people.ts';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const dialog = (page: Page, name: string) => page.getByRole('dialog', { name });

/** Asks for a new password and stops before it is sent. */
async function resetWithCode(page: Page, email: string, password: string): Promise<void> {
	await page.goto('/forgot');
	await page.getByLabel('Email', { exact: true }).fill(email);
	await button(page, 'Send the code').click();
	await page
		.getByLabel('6-digit code')
		.fill(await codeFor(page.request, email, /code for a new password/i));
	await page.getByLabel('New password', { exact: true }).fill(password);
	await page.getByLabel('New password again').fill(password);
}

/** The JSON of one file in an archive, found by the archive's own index (PKWARE APPNOTE 4.3). */
function fileIn(zip: Buffer, name: string): unknown {
	let at = zip.indexOf('PK\x01\x02', 0, 'latin1');
	for (; zip.readUInt32LE(at) === 0x02014b50;) {
		const [size, names, extra, notes] = [20, 28, 30, 32].map((field, n) =>
			n === 0 ? zip.readUInt32LE(at + field) : zip.readUInt16LE(at + field)
		) as [number, number, number, number];
		if (zip.toString('utf8', at + 46, at + 46 + names) === name) {
			const local = zip.readUInt32LE(at + 42);
			const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
			return JSON.parse(inflateRawSync(zip.subarray(start, start + size)).toString('utf8'));
		}
		at += 46 + names + extra + notes;
	}
	throw new Error(`there is no ${name}`);
}

test('an address is changed by the mailed link, and taken back from the old one', async ({
	page,
	browser
}) => {
	test.setTimeout(60_000);
	const [before, after] = [newAddress('before'), newAddress('after')];
	await registered(page, 'Nia Moves', before);
	await page.goto('/account');
	await button(page, 'Change my email address').click();
	await page.getByLabel('New email address').fill(after);
	await page.getByLabel('Current password').fill(NEW_PASSWORD);
	await button(page, 'Send the code').click();
	await expect(page.getByText(`We sent a code and a link to ${after}.`)).toBeVisible();

	// The mail is read on another device, where nobody is signed in.
	const phone = await otherPage(browser);
	const mail = await mailTo(page.request, after, /code for the new address/);
	await phone.goto(linkIn(mail, 'confirm-new-email'));
	await expect(phone).toHaveURL(/\/confirm-new-email$/);
	await button(phone, 'Sign in').click();
	await phone.getByLabel('Email', { exact: true }).fill(before);
	await phone.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
	await button(phone, 'Sign in').click();
	await expect(phone.getByRole('heading', { name: 'Your address is changed' })).toBeVisible();
	await phone.getByRole('link', { name: 'Back to your account' }).click();
	await expect(phone.getByText(after).first()).toBeVisible();

	const told = await mailTo(page.request, before, /address was changed/);
	await phone.goto(linkIn(told, 'undo-email-change'));
	await expect(phone).toHaveURL(/\/undo-email-change$/);
	await button(phone, 'Take the change back').click();
	await expect(phone.getByRole('heading', { name: 'Your address is back' })).toBeVisible();
	await button(phone, 'Choose a new password').click();
	await expect(phone).toHaveURL(/\/forgot$/);
	await resetWithCode(phone, before, 'copper lantern meadow 5');
	await button(phone, 'Set password').click();
	await expect(phone).toHaveURL(/\/login$/);
	await signIn(phone, before, 'copper lantern meadow 5');
	await expect(phone).toHaveURL(/\/tickets$/);
	await phone.context().close();
});

/** One red pixel. */
const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

test('a picture, choices, and a security question that a reset asks', async ({ page }) => {
	test.setTimeout(60_000);
	const email = newAddress('quentin');
	await registered(page, 'Quentin Question', email);
	await page.goto('/account');
	await page.locator('input[type="file"]').setInputFiles({
		name: 'me.png',
		mimeType: 'image/png',
		buffer: Buffer.from(PNG, 'base64')
	});
	await button(page, 'Use this picture').click();
	await expect(page.getByText('Your new picture is here.')).toBeVisible();
	const own = page.getByRole('banner').locator('img[src^="blob:"]');
	await expect(own).toBeVisible();
	await page.reload();
	await expect(own).toBeVisible();

	await page
		.getByRole('navigation', { name: 'Parts of your account' })
		.getByRole('link', { name: 'Notifications' })
		.click();
	await expect(
		page.getByRole('listitem').filter({ hasText: 'The safety of my account' })
	).toContainText('Always');
	const messages = page.getByRole('switch', { name: 'New messages' });
	await messages.click();
	await expect(messages).not.toBeChecked();
	await expect(messages).toBeEnabled();
	await page.goto('/account/security');

	await button(page, 'Set security questions').click();
	const asked = dialog(page, 'Set security questions');
	const question = 'Who taught me to ride a bicycle?';
	await asked.getByLabel('Question', { exact: true }).fill(question);
	await asked.getByLabel('Answer', { exact: true }).fill('Aunt Meena');
	await asked.getByLabel('Current password').fill(NEW_PASSWORD);
	await button(page, 'Save').click();
	await expect(page.getByText(question)).toBeVisible();
	await page.goto('/account/notifications');
	await expect(messages).not.toBeChecked();

	await page.context().clearCookies();
	await resetWithCode(page, email, 'velvet otter parade 3');
	await button(page, 'Set password').click();
	const answer = page.getByLabel(question);
	await expect(answer).toBeFocused();
	await answer.fill('Uncle Tom');
	await button(page, 'Set password').click();
	await expect(page.getByRole('alert')).toHaveText('At least one answer is not right.');
	await answer.fill('aunt  MEENA');
	await button(page, 'Set password').click();
	await expect(page).toHaveURL(/\/login$/);
});

test('one takes a copy of everything, asks to be forgotten, and stays', async ({ page }) => {
	test.setTimeout(60_000);
	const email = newAddress('dora');
	await registered(page, 'Dora Data', email);
	await page.goto('/account/data');
	await button(page, 'Ask for a copy').click();
	await page.getByLabel('Current password').fill(NEW_PASSWORD);
	await button(page, 'Prepare the copy').click();
	await expect(page.getByText('Your copy is ready')).toBeVisible({ timeout: 20_000 });
	const mail = await mailTo(page.request, email, /data is ready/);
	expect(mail.text).toMatch(/\/account\/data\s/);
	const coming = page.waitForEvent('download');
	await button(page, 'Download').click();
	const zip = await readFile(await (await coming).path());
	expect(fileIn(zip, 'profile.json')).toMatchObject([{ name: 'Dora Data', email }]);

	await button(page, 'Delete my account…').click();
	const last = dialog(page, 'Delete your account?');
	await last.getByLabel('Your email address').fill(email);
	await last.getByLabel('Current password').fill(NEW_PASSWORD);
	await button(page, 'Delete my account').click();
	await expect(last).toBeHidden();
	await mailTo(page.request, email, /will be deleted/);

	// Wherever one goes it is said, and taken back.
	await page.goto('/tickets');
	const due = page.getByText(/Your account will be deleted on/);
	await expect(due).toBeVisible();
	await button(page, 'Keep my account').click();
	await expect(due).toBeHidden();
	await page.goto('/account/data');
	await expect(button(page, 'Delete my account…')).toBeVisible();
});
