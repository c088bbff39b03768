import { expect, test } from '@playwright/test';
import {
	codeFor,
	ELENA,
	GRACE,
	mailTo,
	newAddress,
	NEW_PASSWORD,
	otherPage,
	signIn
} from '../fixtures/people.ts';

/**
 * The main job from end to end: a visitor writes down what happened, signs up on the way, is assigned an agent by an
 * admin, talks to them live, sees it resolved, closes it and rates it; the admin sees the rating and not the words.
 */
test('from the complaint box to the rating', async ({ page, browser }) => {
	test.setTimeout(120_000);
	const email = newAddress('asha');
	const subject = 'Charged twice for my March bill';

	// The visitor: the problem first, the account last.
	await page.goto('/');
	await page
		.getByLabel('What went wrong?')
		.fill(`${subject}. Nobody on the phone could tell me why.`);
	await page.getByRole('button', { name: 'Continue' }).click();
	await expect(page).toHaveURL(/\/tickets\/new/);
	await expect(page.getByLabel('What happened?')).toHaveValue(/Charged twice/);
	await page.getByLabel('Title').fill(subject);
	await page.getByRole('button', { name: 'Continue' }).click();
	await page.getByLabel('Against').fill('Billing department');
	await page.getByLabel('Reference').fill('INV-2031');
	await page.getByRole('button', { name: 'Continue' }).click();

	// Signing up in place; the draft waits.
	await page.getByLabel('Your name').fill('Asha Rao');
	await page.getByLabel('Email', { exact: true }).fill(email);
	await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
	await page.getByLabel('Password again').fill(NEW_PASSWORD);
	await page.getByRole('button', { name: 'Create account' }).click();
	await page.getByLabel('6-digit code').fill(await codeFor(page.request, email, /Confirm/));
	await page.getByRole('button', { name: 'Raise ticket' }).click();

	// The receipt, here and by mail.
	await expect(page.getByRole('heading', { name: 'We have your ticket' })).toBeVisible();
	const number = /CCR-\d+/.exec((await page.locator('main').textContent()) ?? '')?.[0] ?? '';
	expect(number).toMatch(/^CCR-\d+$/);
	await mailTo(page.request, email, new RegExp(number));

	// The admin assigns it.
	const admin = await otherPage(browser);
	await signIn(admin, GRACE);
	await admin.goto(`/admin/tickets?q=${number}`);
	await admin
		.getByRole('button', { name: new RegExp(`Assign.*${number}|${number}.*assign`, 'i') })
		.first()
		.click();
	await admin
		.getByRole('menuitem', { name: /Elena Sousa/ })
		.or(admin.getByRole('option', { name: /Elena Sousa/ }))
		.first()
		.click();
	await mailTo(page.request, ELENA, new RegExp(number));
	await mailTo(page.request, email, new RegExp(number));

	// The agent answers; the customer sees it without a reload.
	await page.getByRole('link', { name: 'Open the ticket' }).click();
	const agent = await otherPage(browser);
	await signIn(agent, ELENA);
	await agent.goto(`/agent/tickets/${number}`);
	await agent
		.getByRole('textbox', { name: /Message|Reply/ })
		.fill('Hello Asha, I can see both payments. One is on its way back.');
	await agent.keyboard.press('Control+Enter');
	const log = page
		.getByRole('log')
		.or(page.getByRole('list', { name: 'Messages and events' }))
		.first();
	await expect(log.getByText('One is on its way back.')).toBeVisible();
	await page.getByRole('textbox', { name: 'Message' }).fill('Thank you, that was quick!');
	await page.getByRole('button', { name: 'Send message' }).click();
	await expect(agent.getByText('Thank you, that was quick!').first()).toBeVisible();

	// Resolved, confirmed, rated.
	await agent
		.getByRole('button', { name: /^Resolve/ })
		.first()
		.click();
	await expect(page.getByText('Is it solved?')).toBeVisible();
	await page.getByRole('button', { name: 'Yes', exact: true }).click();
	await expect(page.getByText('This ticket is closed', { exact: false }).first()).toBeVisible();
	await page
		.getByRole('radiogroup', { name: 'The outcome' })
		.getByRole('radio')
		.nth(4)
		.check({ force: true });
	await page
		.getByRole('radiogroup', { name: /Elena Sousa/ })
		.getByRole('radio')
		.nth(3)
		.check({ force: true });
	await page.getByLabel('Anything you want to tell us?').fill('Quick and kind.');
	await page.getByRole('button', { name: 'Send rating' }).click();
	await expect(page.getByText('Thank you for your rating')).toBeVisible();
	await mailTo(page.request, email, /closed/i);

	// The admin sees how it went, not what was said.
	await admin.goto('/admin/feedback');
	await expect(admin.getByText('Quick and kind.').first()).toBeVisible();
	await admin.goto(`/admin/tickets/${number}`);
	await expect(admin.getByRole('heading', { name: subject })).toBeVisible();
	await expect(admin.getByText('One is on its way back.')).toHaveCount(0);
});
