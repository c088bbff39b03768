import { expect, test } from '@playwright/test';
import {
	codeFor,
	ELENA,
	GRACE,
	MAYA,
	mailTo,
	newAddress,
	NEW_PASSWORD,
	otherPage,
	PASSWORD,
	RAVI,
	register,
	signIn
} from '../fixtures/people.ts';

test('the role decides where one lands, and other roles stay out', async ({ browser }) => {
	for (const [email, landing, foreign] of [
		[MAYA, /\/tickets$/, '/admin/dashboard'],
		[RAVI, /\/agent\/inbox\/mine/, '/admin/dashboard'],
		[GRACE, /\/admin\/dashboard/, '/agent/inbox/mine']
	] as const) {
		const page = await otherPage(browser);
		await signIn(page, email);
		await expect(page).toHaveURL(landing);
		await page.goto(foreign);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await expect(page)
			.not.toHaveURL(new RegExp(`${foreign}$`.replaceAll('/', '\\/')), { timeout: 2000 })
			.catch(async () => {
				// Staying on the address is fine when the page says plainly that it is not for this person.
				await expect(page.locator('main')).toContainText(/not|only/i);
			});
		await page.context().close();
	}
});

test('registering with a taken address looks the same and tells its owner', async ({ page }) => {
	await page.goto('/register');
	await page.getByLabel('Your name').fill('Somebody Else');
	await page.getByLabel('Email', { exact: true }).fill(MAYA);
	await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
	await page.getByLabel('Password again').fill(NEW_PASSWORD);
	await page.getByRole('button', { name: 'Create account' }).click();
	await expect(page.getByLabel('6-digit code')).toBeVisible();
	await mailTo(page.request, MAYA, /already|account/i);
});

test('register and confirm by the link in the mail', async ({ page, browser }) => {
	const email = newAddress('link');
	await page.goto('/register');
	await page.getByLabel('Your name').fill('Lina Link');
	await page.getByLabel('Email', { exact: true }).fill(email);
	await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
	await page.getByLabel('Password again').fill(NEW_PASSWORD);
	await page.getByRole('button', { name: 'Create account' }).click();
	const mail = await mailTo(page.request, email, /Confirm/);
	const link = /https?:\/\/\S*\/confirm#token=\S+/.exec(mail.text)?.[0] ?? '';
	const elsewhere = await otherPage(browser);
	await elsewhere.goto(link);
	await expect(elsewhere).toHaveURL(/\/(tickets|account|confirm)/);
	await expect(elsewhere.getByRole('heading', { level: 1 })).toBeVisible();
	expect(elsewhere.url()).not.toContain('token=');
});

test('a forgotten password is set anew by a mailed code, for each role', async ({ page }) => {
	test.setTimeout(90_000);
	const email = newAddress('forgetful');
	await register(page, 'Fay Forgetful', email);
	await page.goto('/account');
	await page.getByRole('button', { name: 'Sign out' }).first().click();
	for (const [address, password] of [
		[email, 'another violet harbour 42'],
		[ELENA, PASSWORD],
		[GRACE, PASSWORD]
	] as const) {
		await page.goto('/forgot');
		await page.getByLabel('Email', { exact: true }).fill(address);
		await page.getByRole('button', { name: 'Send the code' }).click();
		await page
			.getByLabel('6-digit code')
			.fill(await codeFor(page.request, address, /code for a new password/i));
		await page.getByLabel('New password', { exact: true }).fill(password);
		await page.getByLabel('New password again').fill(password);
		await page.getByRole('button', { name: 'Set password' }).click();
		await expect(page).toHaveURL(/\/login/);
		await mailTo(page.request, address, /password was changed/i);
	}
	await signIn(page, email, 'another violet harbour 42');
	await expect(page).toHaveURL(/\/tickets/);
});

test('a wrong password and an unknown address get the same kind answer', async ({ page }) => {
	const answers: string[] = [];
	for (const email of [MAYA, newAddress('nobody')]) {
		await page.goto('/login');
		await page.getByLabel('Email', { exact: true }).fill(email);
		await page.getByLabel('Password', { exact: true }).fill('certainly not this one');
		await page.getByRole('button', { name: 'Sign in', exact: true }).click();
		const alert = page.getByRole('alert').first();
		await expect(alert).toBeVisible();
		answers.push(await alert.innerText());
	}
	expect(answers[0]).toBe(answers[1]);
});

test('an invited agent joins by the link', async ({ page, browser }) => {
	const email = newAddress('agent');
	await signIn(page, GRACE);
	await page.goto('/admin/agents');
	await page
		.getByRole('button', { name: /Invite/ })
		.first()
		.click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel(/Name/).fill('Iris Invited');
	await dialog.getByLabel(/Email/).fill(email);
	await dialog.getByRole('button', { name: /Invite|Send/ }).click();
	const mail = await mailTo(page.request, email, /./);
	const link = /https?:\/\/\S*\/accept-invitation#token=\S+/.exec(mail.text)?.[0] ?? '';
	const iris = await otherPage(browser);
	await iris.goto(link);
	await iris.getByLabel('Your name').fill('Iris Invited');
	await iris.getByLabel(/^(New )?password$/i).fill(NEW_PASSWORD);
	await iris.getByLabel(/password again/i).fill(NEW_PASSWORD);
	await iris.getByRole('button', { name: 'Start' }).click();
	await expect(iris).toHaveURL(/\/agent\/inbox/);
});
