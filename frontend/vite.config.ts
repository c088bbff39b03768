import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { leanMessages, plainState } from './vite.plugins.ts';
import { kitOptions, paraglideOptions } from './vite.shared.ts';

/** Where `npm run dev` finds the API. The built app talks to its own origin unless VITE_API_URL says otherwise. */
const api = process.env.CARE_API ?? 'http://127.0.0.1:8080';

/**
 * What every page loads, with everything it needs, as one script instead of dozens of small ones: fewer requests and
 * better compression.
 */
const base = [
	/@sveltejs\/kit\/src\/runtime\/client\/client\.js/,
	/src\/lib\/auth\/(session|landing)/,
	/src\/lib\/api\/(errors|http|meta)/,
	/src\/lib\/forms\//,
	/src\/lib\/i18n\/(locale|ui-strings)/,
	/src\/lib\/links\.ts/,
	/src\/lib\/features\/shell\/(StatusStrips|BrandLink)/,
	/src\/lib\/ui\/(Banner|Button|PasswordField|TextField|ToastHost)\.svelte/
];

export default defineConfig({
	plugins: [
		leanMessages(),
		plainState(),
		paraglideVitePlugin(paraglideOptions),
		tailwindcss(),
		sveltekit({
			...kitOptions,
			adapter: adapter({ fallback: '200.html', precompress: true, strict: true })
		})
	],
	build: {
		target: 'es2022',
		rolldownOptions: {
			output: {
				codeSplitting: {
					groups: [{ name: 'base', test: (id) => base.some((pattern) => pattern.test(id)) }]
				}
			}
		}
	},
	server: { proxy: { '/api': { target: api, changeOrigin: false } } },
	preview: { proxy: { '/api': { target: api, changeOrigin: false } } }
});
