import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromium } from './tests/chromium.ts';
import { leanMessages } from './vite.plugins.ts';
import { kitOptions, paraglideOptions } from './vite.shared.ts';

export default defineConfig({
	plugins: [
		leanMessages(),
		paraglideVitePlugin(paraglideOptions),
		tailwindcss(),
		sveltekit(kitOptions)
	],
	// An icon somebody has just begun to use must not make Vite bundle its cache again and reload a running test.
	optimizeDeps: { exclude: ['@lucide/svelte'] },
	test: {
		expect: { requireAssertions: true },
		env: { VITE_API_URL: 'http://api.test' },
		projects: [
			{
				extends: true,
				test: {
					name: 'unit',
					environment: 'node',
					include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
					exclude: ['src/**/*.svelte.test.ts']
				}
			},
			{
				extends: true,
				test: {
					name: 'component',
					include: ['src/**/*.svelte.test.ts'],
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({ launchOptions: chromium }),
						instances: [{ browser: 'chromium' }]
					}
				}
			}
		]
	}
});
