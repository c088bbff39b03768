import { defineConfig, devices } from '@playwright/test';
import { chromium } from './tests/chromium.ts';

/**
 * End-to-end tests run against a real server. CARE_URL names one that is already running
 * (`cargo xtask test` starts a fresh one and sets it).
 */
const baseURL = process.env.CARE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
	testDir: 'tests/e2e',
	workers: 1,
	fullyParallel: false,
	forbidOnly: !!process.env.CI,
	retries: 0,
	timeout: 30_000,
	// Beside other tests on two cores a page may take its time.
	expect: { timeout: 10_000 },
	reporter: [['list']],
	use: {
		baseURL,
		actionTimeout: 10_000,
		launchOptions: chromium,
		locale: 'en-US',
		timezoneId: 'UTC',
		serviceWorkers: 'block',
		contextOptions: { reducedMotion: 'reduce' },
		// A trace of everything takes as much of the machine as the pages; `--trace on` makes one.
		screenshot: 'only-on-failure'
	},
	projects: [
		{
			name: 'desktop',
			testIgnore: ['**/customer/**', '**/pages/**', '**/last/**', '**/strict/**'],
			use: { ...devices['Desktop Chrome'], launchOptions: chromium }
		},
		// Each is looked at on a desktop, and then on a phone.
		{
			name: 'pages',
			testMatch: '**/pages/**',
			use: { ...devices['Desktop Chrome'], launchOptions: chromium }
		},
		// What belongs to customers, who have a phone, and the walk of all. What belongs to the desk, the forms of signing in, the
		// service worker and the docs are a desktop's.
		{
			name: 'phone',
			testMatch: ['**/walk.spec.ts', '**/customer/**'],
			use: { ...devices['Pixel 7'], launchOptions: chromium }
		},
		// What closes the whole server has it for itself: when all others on it are done.
		{
			name: 'last',
			testMatch: '**/last/**',
			dependencies: ['desktop'],
			use: { ...devices['Desktop Chrome'], launchOptions: chromium }
		},
		// On a server of its own, which mails a code to whoever signs in where they have not before (CARE_NEW_DEVICE_CODE=1).
		{
			name: 'strict',
			testMatch: '**/strict/**',
			use: { ...devices['Desktop Chrome'], launchOptions: chromium }
		}
	]
});
