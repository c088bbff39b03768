import { expect, test } from '@playwright/test';
import { MAYA, RAVI, otherPage, signIn, ticketInWork } from '../fixtures/people.ts';

test('what was typed survives a reload and signing out', async ({ page }) => {
	await signIn(page, MAYA);
	await page.goto('/tickets/new');
	await page.getByLabel('What happened?').fill('My router restarts every evening at nine.');
	await page.waitForTimeout(600);
	await page.reload();
	await expect(page.getByLabel('What happened?')).toHaveValue(/every evening/);
	await page.goto('/account');
	await page.getByRole('button', { name: 'Sign out' }).first().click();
	await expect(page).not.toHaveURL(/account/);
	await signIn(page, MAYA);
	await page.goto('/tickets/new');
	await expect(page.getByLabel('What happened?')).toHaveValue(/every evening/);
	await page.getByRole('button', { name: 'Start over' }).click();
});

test('a message written offline goes out once, after a reload too', async ({ page, browser }) => {
	const number = await ticketInWork(page.request, 'What does the line rental include?');
	await signIn(page, MAYA);
	await page.goto(`/tickets/${number}`);
	const box = page.getByRole('textbox', { name: 'Message' });
	await expect(box).toBeVisible();
	await page.context().setOffline(true);
	await box.fill('Written in a tunnel.');
	await page.getByRole('button', { name: 'Send message' }).click();
	await expect(
		page.getByText("It is safe here; we'll send it when you're back online.").first()
	).toBeVisible();
	await page.context().setOffline(false);
	await page.reload();
	await expect(page.getByText('Written in a tunnel.').first()).toBeVisible();

	const agent = await otherPage(browser);
	await signIn(agent, RAVI);
	await agent.goto(`/agent/tickets/${number}`);
	await expect(agent.getByText('Written in a tunnel.')).toHaveCount(1);
});

test('two people see the same order', async ({ page, browser }) => {
	const number = await ticketInWork(page.request, 'In which order do things appear?');
	const agent = await otherPage(browser);
	await Promise.all([signIn(page, MAYA), signIn(agent, RAVI)]);
	await Promise.all([page.goto(`/tickets/${number}`), agent.goto(`/agent/tickets/${number}`)]);
	const mine = page.getByRole('textbox', { name: 'Message' });
	const theirs = agent.getByRole('textbox', { name: /Message|Reply/ });
	for (const n of [1, 2, 3]) {
		await mine.fill(`customer says ${n}`);
		await theirs.fill(`agent says ${n}`);
		await Promise.all([
			page.getByRole('button', { name: 'Send message' }).click(),
			agent.keyboard.press('Control+Enter')
		]);
	}
	const said = /(customer|agent) says \d/g;
	const order = async (view: typeof page) =>
		((await view.locator('main').innerText()).match(said) ?? []).join();
	await expect.poll(async () => (await order(page)).split(',').length).toBe(6);
	await expect.poll(async () => (await order(page)) === (await order(agent))).toBe(true);
});
