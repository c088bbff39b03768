/**
 * Signing in through a certified OpenID provider that stands in for Google (xtask/tools/oidc-provider.mjs), and through a
 * double with LinkedIn's ways, which can also say what is wrong (linkedin-double.mjs).
 */
import { expect, test, type Page } from '@playwright/test';
import {
	codeFor,
	mailTo,
	NEW_PASSWORD,
	newAddress,
	otherPage,
	registered,
	signIn
} from '../fixtures/people.ts';

/** Somebody with an account at the provider. */
function newcomer(name: string): { login: string; email: string } {
	const login = newAddress(name).split('@')[0] ?? '';
	return { login, email: `${login}@example.org` };
}

const google = (page: Page) => page.getByRole('button', { name: 'Continue with Google' });
const linkedin = (page: Page) => page.getByRole('button', { name: 'Continue with LinkedIn' });
const methods = (page: Page) =>
	page
		.locator('section')
		.filter({ has: page.getByRole('heading', { level: 2, name: 'Sign-in methods' }) });

/** The provider's pages ask another host for a font. */
async function alone(page: Page): Promise<void> {
	await page.context().route(/fonts\.googleapis\.com/, (route) => route.abort());
}

/** On the provider's pages, where any password will do. */
async function agree(page: Page, login: string): Promise<void> {
	await page.getByPlaceholder('Enter any login').fill(login);
	await page.getByPlaceholder('and password').fill('any');
	await page.getByRole('button', { name: 'Sign-in' }).click();
	await page.getByRole('button', { name: 'Continue', exact: true }).click();
}

/** On the page of LinkedIn's double. */
async function allow(page: Page, login: string, wrong = 'none'): Promise<void> {
	await page.getByLabel('Login').fill(login);
	await page.getByLabel('What is wrong').selectOption(wrong);
	await page.getByRole('button', { name: 'Allow' }).click();
}

test.beforeEach(({ page }) => alone(page));

test('a first visit proves the address by a code; from then on the provider is enough', async ({
	page,
	browser
}) => {
	const { login, email } = newcomer('gita');
	await page.goto('/login?next=/tickets/new');
	await google(page).click();
	await agree(page, login);
	await expect(page.getByRole('heading', { level: 1, name: 'Check your mail' })).toBeVisible();
	await expect(page.getByText(email)).toBeVisible();
	// What the provider sent is in the address no more, nor is it needed after a reload.
	await expect(page).toHaveURL(/\/callback\/google$/);
	await page.reload();
	// Only the newest code counts.
	await codeFor(page.request, email, /sign in for the first time/);
	await page.getByRole('button', { name: 'Send a new code' }).click();
	await expect(page.getByText('Only the newest one counts.')).toBeVisible();
	const code = await codeFor(page.request, email, /sign in for the first time/);
	const field = page.getByLabel('6-digit code');
	await field.fill(code === '123456' ? '654321' : '123456');
	await expect(field).toHaveAttribute('aria-invalid', 'true');
	await field.fill(code);
	await expect(page).toHaveURL(/\/tickets\/new/);

	// The only way in stays; with a password there are two.
	await page.goto('/account/security');
	await expect(methods(page)).toContainText(email);
	await expect(methods(page)).toContainText('This is your only way in.');
	const unlink = methods(page).getByRole('button', { name: 'Unlink Google' });
	await expect(unlink).toBeHidden();
	await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
	await page.getByLabel('New password again').fill(NEW_PASSWORD);
	await page.getByRole('button', { name: 'Change password' }).click();
	await expect(unlink).toBeVisible();

	const phone = await otherPage(browser);
	await alone(phone);
	await phone.goto('/register');
	await google(phone).click();
	await agree(phone, login);
	await expect(phone).toHaveURL(/\/tickets$/);
	await phone.context().close();
});

test('a provider is linked with the password, signs in, and is unlinked', async ({
	page,
	browser
}) => {
	test.setTimeout(60_000);
	const email = newAddress('lena');
	const { login } = newcomer('lena.at.google');
	await registered(page, 'Lena Link', email);
	await page.goto('/account/security');
	await methods(page).getByRole('button', { name: 'Link Google' }).click();
	const dialog = page.getByRole('dialog', { name: 'Link Google' });
	const password = dialog.getByLabel('Current password');
	await password.fill('certainly not this one');
	await google(page).click();
	await expect(password).toHaveAttribute('aria-invalid', 'true');
	await password.fill(NEW_PASSWORD);
	await google(page).click();
	await agree(page, login);
	await expect(page).toHaveURL(/\/account\/security$/);
	await expect(page.getByText('You can now sign in with Google.')).toBeVisible();
	await expect(methods(page)).toContainText(`${login}@example.org`);
	await mailTo(page.request, email, /You can now sign in with Google/);

	const phone = await otherPage(browser);
	await alone(phone);
	await phone.goto('/login');
	await google(phone).click();
	await agree(phone, login);
	await expect(phone).toHaveURL(/\/tickets$/);
	await phone.goto('/account/security');
	await expect(phone.getByText(email, { exact: true })).toBeVisible();
	await phone.context().close();

	await methods(page).getByRole('button', { name: 'Unlink Google' }).click();
	await page
		.getByRole('dialog', { name: 'Unlink Google?' })
		.getByRole('button', { name: 'Unlink Google' })
		.click();
	await expect(methods(page).getByRole('button', { name: 'Link Google' })).toBeVisible();
	await mailTo(page.request, email, /Google no longer signs you in/);
	// The password still does.
	await page.context().clearCookies();
	await signIn(page, email, NEW_PASSWORD);
});

test('whoever changes their mind gets kind words and both ways on', async ({ page }) => {
	await page.goto('/login');
	await google(page).click();
	await page.getByRole('link', { name: 'Cancel' }).click();
	await expect(
		page.getByRole('heading', { level: 1, name: 'You did not sign in with Google' })
	).toBeVisible();
	await expect(page).toHaveURL(/\/callback\/google$/);
	await page.getByRole('button', { name: 'Start again with Google' }).click();
	await expect(page.getByPlaceholder('Enter any login')).toBeVisible();
	await page.getByRole('link', { name: 'Cancel' }).click();
	await page.getByRole('link', { name: 'Back to sign-in' }).click();
	await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
});

test('what the provider sent works in the browser that began, also after a lost connection', async ({
	page,
	browser
}) => {
	const { login } = newcomer('omar');
	const finish = '**/api/v1/auth/providers/google/finish';
	await page.route(finish, (route) => route.abort());
	await page.goto('/login');
	await google(page).click();
	const back = page.waitForRequest(/\/callback\/google\?/);
	await agree(page, login);
	const address = (await back).url();
	await expect(
		page.getByRole('heading', { level: 1, name: 'We cannot reach the server' })
	).toBeVisible();

	const thief = await otherPage(browser);
	await thief.goto(address);
	await expect(thief.getByRole('alert')).toContainText('another browser');
	await expect(thief).toHaveURL(/\/callback\/google$/);
	await thief.context().close();

	await page.unroute(finish);
	await page.getByRole('button', { name: 'Try again' }).click();
	await expect(page.getByLabel('6-digit code')).toBeVisible();

	// Once: the address is of no use again.
	await page.goto(address);
	await expect(page.getByRole('alert')).toContainText('was used already');
});

test('LinkedIn, which has ways of its own, lets in after a code, and then alone', async ({
	page,
	browser
}) => {
	const { login, email } = newcomer('lata');
	await page.goto('/login');
	await linkedin(page).click();
	await allow(page, login);
	await page
		.getByLabel('6-digit code')
		.fill(await codeFor(page.request, email, /sign in for the first time/));
	await expect(page).toHaveURL(/\/tickets$/);
	await page.goto('/account/security');
	await expect(methods(page)).toContainText(email);
	await expect(methods(page).getByRole('button', { name: 'Link Google' })).toBeVisible();

	const phone = await otherPage(browser);
	await phone.goto('/login');
	await linkedin(phone).click();
	await allow(phone, login);
	await expect(phone).toHaveURL(/\/tickets$/);
	await phone.context().close();
});

test('a provider that says something wrong lets nobody in, and one may start again', async ({
	page
}) => {
	const { login } = newcomer('wilma');
	await page.goto('/login');
	await linkedin(page).click();
	for (const fault of ['audience', 'issuer', 'expired', 'signature']) {
		await allow(page, login, fault);
		await expect(
			page.getByRole('heading', { level: 1, name: 'Signing in with LinkedIn did not work' }),
			fault
		).toBeVisible();
		await page.getByRole('button', { name: 'Start again with LinkedIn' }).click();
	}
	// Nobody is signed in, and nothing is known of this person: it is still a first visit.
	await allow(page, login);
	await expect(page.getByLabel('6-digit code')).toBeVisible();
	await page.goto('/tickets');
	await expect(page).toHaveURL(/\/login/);
});
