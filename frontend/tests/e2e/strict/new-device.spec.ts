import { expect, test, type Page } from '@playwright/test';
import { look, settle } from '../fixtures/look.ts';
import {
	codeFor,
	enterPassword,
	mailTo,
	newAddress,
	NEW_PASSWORD,
	otherPage,
	otherThan,
	register
} from '../fixtures/people.ts';

const ASKED = /You have not signed in here before, so we sent a code/;
const digits = (page: Page) => page.getByLabel('6-digit code');
const password = (page: Page, email: string) => enterPassword(page, email, NEW_PASSWORD);

async function signOut(page: Page): Promise<void> {
	await page.goto('/account/security');
	await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
	await expect(page).toHaveURL(/\/login/);
}

test('a new browser takes a mailed code, once; one that is known takes none', async ({
	page,
	browser
}) => {
	test.setTimeout(60_000);
	const email = newAddress('device');
	const mailed = () => codeFor(page.request, email, /code to sign in/);
	await register(page, 'Devi Device', email);

	const other = await otherPage(browser);
	await password(other, email);
	await expect(other.getByText(ASKED)).toBeVisible();
	await expect(digits(other)).toBeFocused();
	await settle(other);
	expect(await look(other)).toEqual([]);

	const first = await mailed();
	await digits(other).fill(otherThan(first));
	await expect(other.getByText(/That code or link is wrong/)).toBeVisible();
	await expect(digits(other)).toHaveValue('');
	// Half a sign-in opens nothing.
	const peek = await other.context().newPage();
	await peek.goto('/tickets');
	await expect(peek).toHaveURL(/\/login/);
	await peek.close();

	await other.getByRole('button', { name: 'Send a new code' }).click();
	await expect(other.getByText(/Only the newest one counts/)).toBeVisible();
	const second = await mailed();
	await digits(other).fill(first);
	await expect(other.getByText(/That code or link is wrong/)).toBeVisible();
	await digits(other).fill(second);
	await expect(other).toHaveURL(/\/tickets$/);

	// From now on this browser is known, and so is the one that registered.
	for (const known of [other, page]) {
		await signOut(known);
		await password(known, email);
		await expect(known).toHaveURL(/\/tickets$/);
	}
});

test('after too many wrong codes the right one comes too late, and the owner is told', async ({
	page,
	browser
}) => {
	const email = newAddress('guesser');
	await register(page, 'Gus Guesser', email);
	const thief = await otherPage(browser);
	await password(thief, email);
	const code = await codeFor(page.request, email, /code to sign in/);
	for (let guess = 1; guess <= 5; guess += 1) {
		await digits(thief).fill(otherThan(code));
		await expect(digits(thief)).toHaveValue('');
	}
	await digits(thief).fill(code);
	await expect(thief.getByText(/there were too many wrong codes/)).toBeVisible();
	await expect(digits(thief)).toBeHidden();
	await mailTo(page.request, email, /Somebody tried to sign in/);
});
