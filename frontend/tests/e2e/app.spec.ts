import { expect, test } from '@playwright/test';
import { MAYA, signedIn } from './fixtures/people.ts';

test('an address that is nothing helps on', async ({ page }) => {
	const answer = await page.goto('/no-such-page');
	expect(answer?.status()).toBe(200);
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	await expect(page.getByRole('link').first()).toBeVisible();
});

test('the HTML of an address without a parameter names the scripts of its page', async ({
	request
}) => {
	const scripts = async (path: string) => {
		const html = await (await request.get(path)).text();
		const found = html.matchAll(/<link href="\.?(\/_app\/[^"]+\.js)" rel="modulepreload">/g);
		return Array.from(found, ([, script]) => script ?? '');
	};
	const every = await scripts('/tickets/CCR-1');
	const list = await scripts('/tickets');
	expect(every.length).toBeGreaterThan(0);
	expect(list).toEqual(expect.arrayContaining(every));
	const own = list.filter((script) => !every.includes(script));
	expect(own.length).toBeGreaterThan(0);
	for (const script of own) expect((await request.get(script)).status()).toBe(200);
});

test('the service worker keeps the app and never the API', async ({ browser }) => {
	const context = await browser.newContext({ serviceWorkers: 'allow' });
	const page = await context.newPage();
	await page.goto('/');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await page.goto('/tickets/new');
	await expect(page.getByLabel('What happened?')).toBeVisible();
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
	// What one has seen before opens without a connection, and says so.
	await context.setOffline(true);
	const missing: string[] = [];
	page.on('requestfailed', (request) => missing.push(new URL(request.url()).pathname));
	await page.reload();
	await expect(page.getByLabel('What happened?')).toBeVisible();
	await expect(page.getByText('You are offline.', { exact: false })).toBeVisible();
	expect(missing.filter((path) => /\.(js|css|svg)$/.test(path))).toEqual([]);
	await context.setOffline(false);
	const manifest = await page.request.get('/manifest.webmanifest');
	expect(manifest.headers()['content-type']).toContain('manifest+json');
	await context.close();
});

test('Tamil is one choice away and stays chosen', async ({ page }) => {
	await page.goto('/login');
	await page.getByRole('button', { name: 'தமிழ்' }).click();
	await expect(page.locator('html')).toHaveAttribute('lang', 'ta');
	await page.reload();
	await expect(page.locator('html')).toHaveAttribute('lang', 'ta');
	await expect(page.getByRole('heading', { level: 1, name: 'உள்நுழை' })).toBeVisible();
});

test('the dark theme is one choice away and stays chosen', async ({ page }) => {
	const ground = () =>
		page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
	await signedIn(page, MAYA);
	await page.goto('/account');
	const light = await ground();
	await page
		.getByRole('radiogroup', { name: 'Appearance' })
		.getByText('Dark', { exact: true })
		.click();
	await expect.poll(ground).not.toBe(light);
	const dark = await ground();
	await page.goto('/');
	await expect.poll(ground).toBe(dark);
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
