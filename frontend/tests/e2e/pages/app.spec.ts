import { expect, test } from '@playwright/test';
import { MAYA, otherPage, RAVI, signIn } from '../fixtures/people.ts';

test('an address that is nothing helps on', async ({ page }) => {
	const answer = await page.goto('/no-such-page');
	expect(answer?.status()).toBe(200);
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	await expect(page.getByRole('link').first()).toBeVisible();
});

test('the service worker keeps the app and never the API', async ({ browser }) => {
	const context = await browser.newContext({ serviceWorkers: 'allow' });
	const page = await context.newPage();
	await page.goto('/');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await page.reload();
	await page.evaluate(() => fetch('/api/v1/meta').then((r) => r.json()));
	const kept = await page.evaluate(async () => {
		const names = await caches.keys();
		const lists = await Promise.all(
			names.map(async (n) => (await (await caches.open(n)).keys()).map((r) => r.url))
		);
		return lists.flat();
	});
	expect(kept.length).toBeGreaterThan(0);
	expect(kept.filter((url) => url.includes('/api/'))).toEqual([]);
	const manifest = await page.request.get('/manifest.webmanifest');
	expect(manifest.headers()['content-type']).toContain('manifest+json');
	await context.close();
});

test('Tamil and the dark theme are one choice away and stay chosen', async ({ page }) => {
	await page.goto('/login');
	await page.getByRole('button', { name: /தமிழ்/ }).first().click();
	await expect(page.locator('html')).toHaveAttribute('lang', 'ta');
	await page.reload();
	await expect(page.locator('html')).toHaveAttribute('lang', 'ta');
	await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Sign in');
});

test('an agent works by keyboard alone', async ({ browser }) => {
	const page = await otherPage(browser, { viewport: { width: 1440, height: 900 } });
	await signIn(page, RAVI);
	await expect(page).toHaveURL(/\/agent\/inbox\/mine/);
	await page.locator('main a[href*="/tickets/CCR-"]').first().waitFor();
	await page.keyboard.press('j');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/CCR-/);
	await page.keyboard.press('r');
	await expect(page.getByRole('textbox', { name: /Message|Reply/ })).toBeFocused();
	await page.keyboard.type('Typed without a mouse.');
	await page.keyboard.press('Control+Enter');
	await expect(page.getByText('Typed without a mouse.').first()).toBeVisible();
	await page.keyboard.press('Escape');
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await page.keyboard.press('Control+k');
	await expect(page.getByRole('dialog')).toBeVisible();
	await page.keyboard.press('Escape');
	await page.keyboard.press('/');
	await page.keyboard.type('CCR-10');
	await expect(page).toHaveURL(/q=CCR-10/);
	await page.context().close();
});

test('the docs are served without outside assets', async ({ page }) => {
	const outside: string[] = [];
	page.on('request', (request) => {
		if (
			!request
				.url()
				.startsWith(new URL(page.url() === 'about:blank' ? request.url() : page.url()).origin)
		) {
			outside.push(request.url());
		}
	});
	await page.goto('/docs/');
	await expect(page.getByText('Customer Care Registry').first()).toBeVisible();
	await expect(page.locator('.opblock').first()).toBeVisible();
	expect(outside.filter((url) => !url.startsWith('data:'))).toEqual([]);
});

test('a session that ended mid-typing asks again and loses nothing', async ({ page }) => {
	await signIn(page, MAYA);
	await page.goto('/tickets/new');
	await page.getByLabel('What happened?').fill('Typed before the session ended.');
	await page.context().clearCookies();
	await page.evaluate(() => localStorage.length);
	await page.reload();
	await expect(page.getByLabel('What happened?')).toHaveValue('Typed before the session ended.');
});
