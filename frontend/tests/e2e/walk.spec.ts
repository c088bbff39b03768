import { expect, test, type Page } from '@playwright/test';
import {
	codeFor,
	ELENA,
	fillRegistration,
	GRACE,
	mailTo,
	newAddress,
	otherPage,
	signIn,
	talk
} from './fixtures/people.ts';

const stars = (page: Page, of: string, count: number) =>
	page
		.getByRole('radiogroup', { name: of })
		.locator('label')
		.nth(count - 1);

/** Whether a finger touches it at its very end, once all is drawn. */
async function isUncovered(node: Element): Promise<boolean> {
	await new Promise((resolve) => setTimeout(resolve, 300));
	const { left, bottom, width } = node.getBoundingClientRect();
	return node.contains(document.elementFromPoint(left + width / 2, bottom - 2));
}

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
	await page.getByRole('button', { name: 'Continue' }).click();
	await expect(page.getByLabel('Title')).toHaveValue(subject);
	await page.getByLabel('Against').fill('Billing department');
	await page.getByLabel('Reference').fill('INV-2031');
	await page.getByRole('button', { name: 'Continue' }).click();

	// Signing up in place; the draft waits.
	await fillRegistration(page, 'Asha Rao', email);
	await page.getByLabel('6-digit code').fill(await codeFor(page.request, email, /Confirm/));
	await page.getByRole('button', { name: 'Raise ticket' }).click();

	// The receipt, here and by mail.
	await expect(page.getByRole('heading', { name: 'We have your ticket' })).toBeVisible();
	const number = /CCR-\d+/.exec(page.url())?.[0] ?? '';
	await expect(page.getByText(number, { exact: true })).toBeVisible();
	await mailTo(page.request, email, new RegExp(`${number}. We have your complaint`));
	await page.getByRole('link', { name: 'Open the ticket' }).click();
	await expect(page.getByRole('heading', { level: 1, name: subject })).toBeVisible();

	// The admin assigns it; the customer sees that at once.
	const admin = await otherPage(browser);
	await signIn(admin, GRACE);
	await admin.goto(`/admin/tickets?q=${number}`);
	await admin.getByRole('button', { name: `Assign ${number}` }).click();
	await admin
		.getByRole('listbox', { name: 'Agents' })
		.getByRole('option', { name: /Elena Sousa/ })
		.click();
	await expect(admin.getByText(`${number} is with Elena Sousa now`)).toBeVisible();
	await mailTo(page.request, ELENA, new RegExp(`${number}. Assigned to you`));
	await mailTo(page.request, email, new RegExp(`${number}. Elena Sousa takes care of it`));
	await expect(talk(page).getByText('Elena Sousa now looks after your ticket')).toBeVisible();

	// They talk, without a reload.
	const agent = await otherPage(browser);
	await signIn(agent, ELENA);
	await agent.goto('/agent/inbox/mine');
	await agent.locator(`main a[href*="${number}"]`).click();
	await agent
		.getByRole('textbox', { name: 'Message' })
		.fill('Hello Asha, I can see both payments. One is on its way back.');
	await agent.getByRole('button', { name: 'Send message' }).click();
	await expect(talk(page).getByText('One is on its way back.')).toBeVisible();
	await page.getByRole('textbox', { name: 'Message' }).fill('Thank you, that was quick!');
	await page.getByRole('button', { name: 'Send message' }).click();
	await expect(talk(agent).getByText('Thank you, that was quick!')).toBeVisible();

	// Resolved, confirmed, rated.
	await agent.getByRole('button', { name: 'Resolve', exact: true }).click();
	await expect(page.getByText('Is it solved?')).toBeVisible();
	await mailTo(page.request, email, new RegExp(`${number}. Resolved`));
	const closed = page.waitForResponse(/\/confirm$/);
	await page.getByRole('button', { name: 'Yes', exact: true }).click();
	await closed;
	await expect(page.getByText('This ticket is closed and takes no more messages.')).toBeVisible();
	// Nothing lies upon the question.
	const best = stars(page, 'The outcome', 5);
	await expect(best).toBeVisible();
	expect(await best.evaluate(isUncovered)).toBe(true);
	await best.click();
	await stars(page, "Elena Sousa's help", 4).click();
	await page.getByLabel('Anything you want to tell us?').fill(`Quick and kind, ${number}.`);
	await page.getByRole('button', { name: 'Send rating' }).click();
	await expect(page.getByText('Thank you for your rating')).toBeVisible();
	await mailTo(page.request, ELENA, new RegExp(`${number}. Closed`));

	// The agent sees the rating; the admin sees how it went, not what was said.
	await agent.goto('/agent/feedback');
	await expect(agent.getByText(`Quick and kind, ${number}.`)).toBeVisible();
	await admin.goto('/admin/feedback');
	const card = admin.getByRole('article').filter({ hasText: `Quick and kind, ${number}.` });
	await expect(card.getByText('looked after by Elena Sousa')).toBeVisible();
	await card.getByRole('link', { name: subject }).click();
	const sheet = admin.getByRole('dialog', { name: subject });
	await expect(sheet.getByText('What happened')).toBeVisible();
	await expect(sheet.getByText('Elena Sousa wrote', { exact: false })).toBeVisible();
	await expect(sheet.getByText('One is on its way back.')).toHaveCount(0);
});
