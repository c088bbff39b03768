import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { look, settle } from '../fixtures/look.ts';
import {
	enterPassword,
	GRACE,
	linkIn,
	mailTo,
	NEW_PASSWORD,
	newAddress,
	otherPage,
	otherThan,
	PASSWORD,
	registered,
	signedIn,
	signIn,
	token
} from '../fixtures/people.ts';
import { Authenticator, digitsAt } from '../fixtures/totp.ts';

const card = (page: Page) =>
	page.locator('section').filter({ has: page.getByRole('heading', { name: 'Second factor' }) });
const digits = (page: Page) => page.getByLabel('6-digit code');
const recoveryCodes = (page: Page) =>
	page.getByRole('list', { name: 'Your recovery codes' }).getByRole('listitem');

/** From the password to the picture; the app is told by hand. */
async function scan(page: Page): Promise<Authenticator> {
	const next = page.getByRole('button', { name: 'Continue', exact: true });
	const form = page.locator('form').filter({ has: next });
	await form.getByLabel('Current password', { exact: true }).fill(NEW_PASSWORD);
	await next.click();
	await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
	return new Authenticator((await page.locator('code').textContent()) ?? '');
}

/** Sets an app up, from the button on; the recovery codes. */
async function confirm(page: Page, app: Authenticator): Promise<string[]> {
	await digits(page).fill(app.code());
	await expect(recoveryCodes(page)).toHaveCount(10);
	return recoveryCodes(page).allTextContents();
}

const password = (page: Page, email: string) => enterPassword(page, email, NEW_PASSWORD);

async function passWithRecoveryCode(page: Page, code: string): Promise<void> {
	await page.getByRole('button', { name: /use a recovery code/ }).click();
	await page.getByLabel('Recovery code').fill(code);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('the app of these tests is the one of the standard', () => {
	// RFC 6238 appendix B: the last six of its eight digits.
	const secret = Buffer.from('12345678901234567890');
	const shown = [59, 1111111109, 1234567890, 20000000000].map((s) => digitsAt(secret, s * 1000));
	expect(shown).toEqual(['287082', '081804', '005924', '353130']);
});

test('an app is set up; signing in takes its code, or a recovery code once', async ({
	page,
	browser
}) => {
	test.setTimeout(60_000);
	const email = newAddress('totp');
	await registered(page, 'Tara Totp', email);
	await page.goto('/account/security');
	await card(page).getByRole('button', { name: 'Set up' }).click();
	const app = await scan(page);
	await settle(page);
	expect(await look(page)).toEqual([]);

	const first = app.code();
	await digits(page).fill(otherThan(first));
	await expect(page.getByText(/That code is wrong or was used already/)).toBeVisible();
	await expect(digits(page)).toHaveValue('');
	// As it is pasted from an app.
	await digits(page).fill(`${first.slice(0, 3)} ${first.slice(3)}`);
	await expect(recoveryCodes(page)).toHaveCount(10);
	const codes = await recoveryCodes(page).allTextContents();
	await mailTo(page.request, email, /now needs a second factor/);
	expect(await look(page)).toEqual([]);

	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Download' }).click();
	const file = await readFile(await (await download).path(), 'utf8');
	expect(file).toContain(email);
	for (const code of codes) expect(file).toContain(code);
	// On paper there is nothing else.
	await page.emulateMedia({ media: 'print' });
	await expect(recoveryCodes(page).first()).toBeVisible();
	await expect(page.getByRole('heading', { name: 'Your account' })).toBeHidden();
	await expect(page.getByRole('button', { name: 'Download' })).toBeHidden();
	await page.emulateMedia({ media: null });
	await page.getByRole('button', { name: 'I have kept them' }).click();
	await expect(card(page)).toContainText('Recovery codes left: 10 of 10');
	await expect(page.getByText(codes[0] ?? '-')).toBeHidden();

	await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
	await expect(page).toHaveURL(/\/login/);
	await password(page, email);
	await expect(page.getByText('Type the six digits')).toBeVisible();
	await expect(digits(page)).toBeFocused();
	// No other way leads on from here.
	await expect(page.getByRole('link', { name: 'Create an account' })).toHaveCount(0);
	expect(await look(page)).toEqual([]);
	// The code that set it up is used, and half a sign-in opens nothing.
	await digits(page).fill(first);
	await expect(page.getByText(/That code is wrong or was used already/)).toBeVisible();
	await digits(page).fill(app.code());
	await expect(page).toHaveURL(/\/tickets$/);

	// Elsewhere, without the app.
	const [used = '', second = '', third = ''] = codes;
	const other = await otherPage(browser);
	await password(other, email);
	await passWithRecoveryCode(other, used.toUpperCase().replaceAll('-', ' '));
	await expect(other).toHaveURL(/\/tickets$/);
	await mailTo(page.request, email, /recovery code was used/);
	const again = await otherPage(browser);
	await password(again, email);
	await passWithRecoveryCode(again, used);
	await expect(again.getByText(/That recovery code is wrong or was used already/)).toBeVisible();
	await again.getByLabel('Recovery code').fill(second);
	await again.getByRole('button', { name: 'Sign in', exact: true }).click();
	await expect(again).toHaveURL(/\/tickets$/);

	await page.goto('/account/security');
	await expect(card(page)).toContainText('Recovery codes left: 8 of 10');
	await card(page).getByRole('button', { name: 'New recovery codes' }).click();
	const renew = page.getByRole('dialog', { name: 'Make new recovery codes?' });
	await settle(page);
	expect(await look(page)).toEqual([]);
	await renew.getByLabel('Current password', { exact: true }).fill(NEW_PASSWORD);
	await renew.getByRole('button', { name: /use a recovery code/ }).click();
	await renew.getByLabel('Recovery code').fill(third);
	await renew.getByRole('button', { name: 'New recovery codes' }).click();
	await expect(recoveryCodes(page)).toHaveCount(10);
	const [fresh = ''] = await recoveryCodes(page).allTextContents();
	expect(codes).not.toContain(fresh);
	await page.getByRole('button', { name: 'I have kept them' }).click();

	await card(page).getByRole('button', { name: 'Turn off' }).click();
	const off = page.getByRole('dialog', { name: 'Turn the second factor off?' });
	await off.getByLabel('Current password', { exact: true }).fill('not the right words');
	await off.getByRole('button', { name: /use a recovery code/ }).click();
	await off.getByLabel('Recovery code').fill(fresh);
	await off.getByRole('button', { name: 'Turn off' }).click();
	await expect(off.getByLabel('Current password', { exact: true })).toHaveAttribute(
		'aria-invalid',
		'true'
	);
	await off.getByLabel('Current password', { exact: true }).fill(NEW_PASSWORD);
	await off.getByRole('button', { name: 'Turn off' }).click();
	await expect(card(page)).toContainText('whoever knows your password gets in');
	await signIn(await otherPage(browser), email, NEW_PASSWORD);
});

test.describe('a role that can not do without', () => {
	// For all others it is as it was, whatever happened here.
	test.afterEach(async ({ request }) => {
		const answer = await request.put('/api/v1/settings/second-factor', {
			headers: { Authorization: `Bearer ${await token(request, GRACE)}` },
			data: { required_for: [], current_password: PASSWORD }
		});
		expect(answer.status()).toBe(200);
	});

	test('sets one up before anything else; an admin takes a lost one away', async ({
		page,
		browser
	}) => {
		test.setTimeout(120_000);
		const email = newAddress('nora');
		await signedIn(page, GRACE);
		const invited = await page.request.post('/api/v1/agents', {
			headers: { Authorization: `Bearer ${await token(page.request, GRACE)}` },
			data: { name: 'Nora Needed', email }
		});
		expect(invited.status()).toBe(201);
		await page.goto('/admin/accounts');
		await page.getByRole('button', { name: 'Change', exact: true }).click();
		const setting = page.getByRole('dialog', { name: 'Who needs a second factor?' });
		await setting.getByLabel('Agents').check();
		await setting.getByLabel('Current password', { exact: true }).fill(PASSWORD);
		await setting.getByRole('button', { name: 'Save' }).click();
		await expect(page.getByText('Needed by: Agents')).toBeVisible();

		const nora = await otherPage(browser);
		const mail = await mailTo(page.request, email, /You are invited/);
		await nora.goto(linkIn(mail, 'accept-invitation'));
		await nora.getByLabel('Your name').fill('Nora Needed');
		await nora.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
		await nora.getByLabel('Password again').fill(NEW_PASSWORD);
		await nora.getByRole('button', { name: 'Start' }).click();
		const due = nora.getByRole('heading', { level: 1, name: 'Set up a second factor' });
		await expect(due).toBeVisible();
		// There is no way around it.
		for (const path of ['/agent/inbox/unassigned', '/account', '/help', '/']) {
			await nora.goto(path);
			await expect(due).toBeVisible();
		}
		await nora.goto('/agent/inbox/unassigned');
		await settle(nora);
		expect(await look(nora)).toEqual([]);
		const app = await scan(nora);
		await confirm(nora, app);
		expect(await look(nora)).toEqual([]);
		await nora.getByRole('button', { name: 'I have kept them' }).click();
		await expect(nora).toHaveURL(/\/agent\/inbox\/unassigned$/);
		await nora.goto('/account/security');
		await expect(card(nora)).toContainText('Your role needs it, so it stays on.');

		// She lost her phone.
		await page.goto(`/admin/accounts?q=${encodeURIComponent(email)}`);
		await page.getByRole('button', { name: 'More about Nora Needed' }).click();
		await page.getByRole('menuitem', { name: 'Remove the second factor' }).click();
		await page
			.getByRole('dialog')
			.getByRole('button', { name: 'Remove the second factor' })
			.click();
		await expect(page.getByText('Nora Needed has no second factor any more')).toBeVisible();
		await mailTo(page.request, email, /no longer has a second factor/);
		const later = await otherPage(browser);
		await password(later, email);
		await expect(
			later.getByRole('heading', { level: 1, name: 'Set up a second factor' })
		).toBeVisible();
		await later.getByRole('button', { name: 'Sign out', exact: true }).click();
		await expect(later).toHaveURL(/\/login/);
	});
});
