import { expect, test } from '@playwright/test';
import {
	codeFor,
	ELENA,
	fillRegistration,
	GRACE,
	linkIn,
	mailTo,
	MAYA,
	NEW_PASSWORD,
	newAddress,
	otherPage,
	PASSWORD,
	RAVI,
	register,
	signedIn,
	signIn
} from '../fixtures/people.ts';

for (const [who, email, landing, foreign] of [
	['customer', MAYA, /\/tickets$/, '/agent/inbox/mine'],
	['agent', RAVI, /\/agent\/inbox\/mine$/, '/admin/dashboard'],
	['admin', GRACE, /\/admin\/dashboard$/, '/agent/inbox/mine']
] as const) {
	test(`the role of the ${who} decides where one lands, and what stays shut`, async ({ page }) => {
		await signIn(page, email);
		await expect(page).toHaveURL(landing);
		await page.goto(foreign);
		await expect(
			page.getByRole('heading', { level: 1, name: 'This page is for someone else' })
		).toBeVisible();
	});
}

test('registering with a taken address looks the same and tells its owner', async ({ page }) => {
	await page.goto('/register');
	await fillRegistration(page, 'Somebody Else', MAYA);
	await expect(page.getByLabel('6-digit code')).toBeVisible();
	await mailTo(page.request, MAYA, /already have an account/);
});

test('register and confirm by the link in the mail', async ({ page }) => {
	const email = newAddress('link');
	await page.goto('/register');
	await fillRegistration(page, 'Lina Link', email);
	const mail = await mailTo(page.request, email, /Confirm/);
	await page.goto(linkIn(mail, 'confirm'));
	await expect(page).toHaveURL(/\/tickets$/);
	await expect(page.getByRole('heading', { level: 1, name: 'My tickets' })).toBeVisible();
});

test('confirmed on another device, the password is chosen there', async ({ page, browser }) => {
	const email = newAddress('elsewhere');
	await page.goto('/register');
	await fillRegistration(page, 'Ed Elsewhere', email);
	const mail = await mailTo(page.request, email, /Confirm/);
	// Whoever registered may not own the address: only its owner's choice counts.
	const phone = await otherPage(browser);
	await phone.goto(linkIn(mail, 'confirm'));
	await expect(phone).toHaveURL(/\/account\/security$/);
	await expect(phone.getByText('Choose the password you want to sign in with.')).toBeVisible();
	await phone.getByLabel('New password', { exact: true }).fill('quiet copper orchard 9');
	await phone.getByLabel('New password again').fill('quiet copper orchard 9');
	await phone.getByRole('button', { name: 'Change password' }).click();
	await expect(phone.getByText('Password changed.', { exact: false })).toBeVisible();
	await signIn(page, email, 'quiet copper orchard 9');
	await expect(page).toHaveURL(/\/tickets$/);
});

test('a forgotten password is set anew by a mailed code, for each role', async ({
	page,
	browser
}) => {
	test.setTimeout(90_000);
	const email = newAddress('forgetful');
	await register(page, 'Fay Forgetful', email);
	await page.context().clearCookies();
	for (const [address, before, after, landing] of [
		[email, NEW_PASSWORD, 'another violet harbour 42', /\/tickets$/],
		[ELENA, PASSWORD, PASSWORD, /\/agent\/inbox\/mine$/],
		[GRACE, PASSWORD, PASSWORD, /\/admin\/dashboard$/]
	] as const) {
		const device = await otherPage(browser);
		await signIn(device, address, before);
		await expect(device).toHaveURL(landing);

		await page.goto('/forgot');
		await page.getByLabel('Email', { exact: true }).fill(address);
		await page.getByRole('button', { name: 'Send the code' }).click();
		await page
			.getByLabel('6-digit code')
			.fill(await codeFor(page.request, address, /code for a new password/i));
		await page.getByLabel('New password', { exact: true }).fill(after);
		await page.getByLabel('New password again').fill(after);
		await page.getByRole('button', { name: 'Set password' }).click();
		await expect(page).toHaveURL(/\/login$/);
		await mailTo(page.request, address, /password was changed/i);

		// Whoever was signed in is not any more; the new password opens the door.
		await device.reload();
		await expect(device).toHaveURL(/\/login/);
		await device.getByLabel('Email', { exact: true }).fill(address);
		await device.getByLabel('Password', { exact: true }).fill(after);
		await device.getByRole('button', { name: 'Sign in', exact: true }).click();
		await expect(device).toHaveURL(landing);
		await device.context().close();
	}
});

test('a wrong password and an unknown address get the same kind answer', async ({ page }) => {
	for (const email of [MAYA, newAddress('nobody')]) {
		await page.goto('/login');
		await page.getByLabel('Email', { exact: true }).fill(email);
		await page.getByLabel('Password', { exact: true }).fill('certainly not this one');
		await page.getByRole('button', { name: 'Sign in', exact: true }).click();
		await expect(page.getByRole('alert')).toHaveText('Email or password is not right.');
	}
});

test('an invited agent joins by the link and takes a ticket', async ({ page, browser }) => {
	const email = newAddress('iris');
	await signedIn(page, GRACE);
	await page.goto('/admin/agents');
	await page.getByRole('button', { name: 'Invite an agent' }).click();
	const dialog = page.getByRole('dialog', { name: 'Invite an agent' });
	await dialog.getByLabel('Name', { exact: true }).fill('Iris Invited');
	await dialog.getByLabel('Email', { exact: true }).fill(email);
	await dialog.getByRole('button', { name: 'Send the invitation' }).click();
	await expect(dialog).toBeHidden();
	const row = page.getByRole('row').filter({ hasText: email });
	await expect(row).toContainText('Invited');

	const link = linkIn(await mailTo(page.request, email, /You are invited/), 'accept-invitation');
	const iris = await otherPage(browser);
	await iris.goto(link);
	await iris.getByLabel('Your name').fill('Iris Invited');
	await iris.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
	await iris.getByLabel('Password again').fill(NEW_PASSWORD);
	await iris.getByRole('button', { name: 'Start' }).click();
	await expect(iris).toHaveURL(/\/agent\/inbox\/mine$/);

	await iris.goto('/agent/inbox/unassigned');
	await iris.locator('main a[href*="/agent/tickets/"]').first().click();
	await expect(iris).toHaveURL(/CCR-\d+/);
	const number = /CCR-\d+/.exec(iris.url())?.[0] ?? '';
	await iris.getByRole('button', { name: 'Take', exact: true }).first().click();
	await expect(iris.getByRole('textbox', { name: 'Message' })).toBeEnabled();
	await iris.goto('/agent/inbox/mine');
	await expect(iris.locator(`main a[href*="${number}"]`)).toBeVisible();

	// The link works once.
	const again = await otherPage(browser);
	await again.goto(link);
	await again.getByLabel('Your name').fill('Somebody Else');
	await again.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
	await again.getByLabel('Password again').fill(NEW_PASSWORD);
	await again.getByRole('button', { name: 'Start' }).click();
	await expect(again.getByRole('alert')).toBeVisible();

	await page.reload();
	await expect(row).toContainText('Active');
});
