import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { leanMessages, plainState, preloadProblem } from './vite.plugins.ts';
import { kitOptions, paraglideOptions } from './vite.shared.ts';

/** Where `npm run dev` finds the API. The built app talks to its own origin unless VITE_API_URL says otherwise. */
const api = process.env.CARE_API ?? 'http://127.0.0.1:8080';

/**
 * Scripts that belong together, each with everything it needs, instead of dozens of small ones: fewer requests and better
 * compression. A module goes to the first group that wants it.
 */
const groups: [string, RegExp[]][] = [
	// What runs before the app is told its version and base: nothing of the app may be in here, nor this in the app.
	['start', [/vite\/preload-helper/, /@sveltejs\/kit\/src\/runtime\/client\/payload\.js/]],
	// What every page loads.
	[
		'base',
		[
			/@sveltejs\/kit\/src\/(runtime\/(client\/client|app\/navigation|app\/state\/index)|exports\/index)\.js/,
			/src\/lib\/auth\/(session|landing|guard|can)/,
			/src\/lib\/api\/(errors|http|meta|locks|store|draft-places)/,
			/src\/lib\/i18n\/(locale|ui-strings)/,
			/src\/lib\/forms\/form/,
			/src\/lib\/(after-paint|keep-app|links)\.ts/,
			/src\/lib\/features\/auth\/after/,
			/src\/lib\/features\/shell\/(BrandLink|StatusStrips)\.svelte/,
			/src\/lib\/ui\/(Banner|Button|PasswordField|TextField)\.svelte/,
			/src\/lib\/ui\/toast\.svelte\.ts/,
			/icons\/(cloud-off|lock|triangle-alert)\.svelte/,
			/messages\/(auth_(email|password|sign_in)|common_(account|reference|nav_(desk|help|tickets))|error_field_(email|required))\.js/
		]
	],
	// The form of signing in, and every other.
	['sign-in', [/src\/lib\/forms\/plain/, /src\/lib\/features\/auth\/SignInForm\.svelte/]],
	['forms', [/src\/lib\/forms\/schema/]],
	// What every page with data or a shell loads.
	[
		'data',
		[
			/node_modules\/@tanstack\//,
			/src\/lib\/api\/(client|ids|query-client|pictures|drafts|queries\/(pages|tickets|services))/,
			/src\/lib\/actions\/(registry|use)/,
			/src\/lib\/ui\/pictures\.ts/,
			/src\/lib\/features\/ticket\/status\.ts/,
			/src\/lib\/features\/list\/MorePages\.svelte/,
			/src\/lib\/ui\/(AppShell|Avatar|BottomNav|EmptyState|ErrorState|Later|LoadMore|SearchField|Skeleton|StatusPill|TabLinks|Textarea|TimeAgo)\.svelte/,
			/icons\/(circle-plus|circle-question-mark|house|layout-grid|search-x|user-round)\.svelte/,
			/messages\/(common_(group_go|nav_(main|new|services)|skip|unread)|ticket_you)\.js/
		]
	],
	// The frame of the public and the customer's pages.
	[
		'customer',
		[
			/src\/lib\/features\/shell\/(CustomerShell|UnreadBadge)\.svelte/,
			/messages\/customer_tickets_title\.js/
		]
	],
	// The page for what went wrong, which SvelteKit fetches with every first page.
	['problem', [/src\/routes\/\+error\.svelte/]]
];

export default defineConfig({
	plugins: [
		leanMessages(),
		plainState(),
		paraglideVitePlugin(paraglideOptions),
		tailwindcss(),
		sveltekit({
			...kitOptions,
			adapter: preloadProblem(adapter({ fallback: '200.html', precompress: true, strict: true }))
		})
	],
	build: {
		target: 'es2022',
		rolldownOptions: {
			output: {
				// V8 compiles these on another thread while they arrive, not one by one as they are called
				// (https://v8.dev/blog/explicit-compile-hints); other browsers read a comment.
				postBanner: ({ name }) =>
					groups.some(([group]) => group === name) ? '//# allFunctionsCalledOnLoad' : '',
				codeSplitting: {
					groups: groups.map(([name, patterns]) => ({
						name,
						test: (id: string) => patterns.some((pattern) => pattern.test(id))
					}))
				}
			}
		}
	},
	server: { proxy: { '/api': { target: api, changeOrigin: false } } },
	preview: { proxy: { '/api': { target: api, changeOrigin: false } } }
});
