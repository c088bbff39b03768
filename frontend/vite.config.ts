import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { kitOptions, paraglideOptions } from './vite.shared.ts';

/** Where `npm run dev` finds the API. The built app talks to its own origin unless VITE_API_URL says otherwise. */
const api = process.env.CARE_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
	plugins: [
		paraglideVitePlugin(paraglideOptions),
		tailwindcss(),
		sveltekit({
			...kitOptions,
			adapter: adapter({ fallback: '200.html', precompress: true, strict: true })
		})
	],
	build: { target: 'es2022' },
	server: { proxy: { '/api': { target: api, changeOrigin: false } } },
	preview: { proxy: { '/api': { target: api, changeOrigin: false } } }
});
