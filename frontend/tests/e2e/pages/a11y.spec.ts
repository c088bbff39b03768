import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { GRACE, MAYA, RAVI, signIn } from '../fixtures/people.ts';

/** WCAG 2.2 AA and axe's best practices; landmark regions too, since no popup is open on these pages. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const PAGES: Record<string, { as?: string; paths: string[] }> = {
	visitor: {
		paths: [
			'/',
			'/services',
			'/help',
			'/login',
			'/register',
			'/confirm',
			'/forgot',
			'/accept-invitation',
			'/demo/mailbox',
			'/no-such-page'
		]
	},
	customer: { as: MAYA, paths: ['/tickets', '/tickets/new', 'first ticket', '/account'] },
	agent: {
		as: RAVI,
		paths: [
			'/agent/inbox/mine',
			'/agent/inbox/unassigned',
			'first ticket',
			'/agent/feedback',
			'/account'
		]
	},
	admin: {
		as: GRACE,
		paths: [
			'/admin/dashboard',
			'/admin/tickets',
			'/admin/customers',
			'/admin/agents',
			'/admin/services',
			'/admin/feedback'
		]
	}
};

async function open(page: Page, path: string, as?: string): Promise<void> {
	if (path === 'first ticket') {
		await page.goto(as === MAYA ? '/tickets' : '/agent/inbox/mine');
		await page.locator('main a[href*="/tickets/CCR-"]').first().click();
		await expect(page).toHaveURL(/CCR-/);
	} else {
		await page.goto(path);
	}
	await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
	// Skeletons are replaced and fonts are there.
	await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
	await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

for (const [who, { as, paths }] of Object.entries(PAGES)) {
	test(`no page of the ${who} has an axe finding, light or dark`, async ({ page }) => {
		test.setTimeout(150_000);
		if (as) await signIn(page, as);
		for (const path of paths) {
			await open(page, path, as);
			for (const colorScheme of ['light', 'dark'] as const) {
				await page.emulateMedia({ colorScheme });
				const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
				const findings = violations.map(
					(v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`
				);
				expect(findings, `${path}, ${colorScheme}`).toEqual([]);
			}
			// Nothing sticks out sideways, on a phone least of all.
			const over = await page.evaluate(
				() => document.documentElement.scrollWidth - document.documentElement.clientWidth
			);
			expect(over, `${path} is too wide`).toBeLessThanOrEqual(0);
		}
	});
}
