import type { Config } from '@sveltejs/kit/vite';

type Directives = NonNullable<NonNullable<Config['csp']>['directives']>;
type Sources = NonNullable<Directives['connect-src']>;

const apiOrigin = process.env.VITE_API_URL ? new URL(process.env.VITE_API_URL).origin : undefined;
const connect: Sources = ['self', ...(apiOrigin ? [apiOrigin as Sources[number]] : [])];

/** Kit options shared by the app build and the tests. */
export const kitOptions: Config = {
	compilerOptions: {
		// Our own components are always in runes mode; libraries decide for themselves.
		runes: ({ filename }) => (filename.split(/[/\\]/).includes('node_modules') ? undefined : true)
	},
	// `keepApp` does: not while the first page loads.
	serviceWorker: { register: false },
	version: { pollInterval: 5 * 60_000 },
	csp: {
		mode: 'hash',
		directives: {
			'default-src': ['self'],
			'script-src': ['self'],
			'style-src': ['self', 'unsafe-inline'],
			'img-src': ['self', 'data:', 'blob:'],
			'font-src': ['self'],
			'connect-src': connect,
			'worker-src': ['self'],
			'manifest-src': ['self'],
			'object-src': ['none'],
			'base-uri': ['self'],
			'form-action': ['self']
		}
	}
};

/** The message catalogue (messages/*.json) compiled to one small function per message. */
export const paraglideOptions = {
	project: './project.inlang',
	outdir: './src/lib/paraglide',
	cleanOutdir: false,
	strategy: ['localStorage', 'preferredLanguage', 'baseLocale'] as [
		'localStorage',
		'preferredLanguage',
		'baseLocale'
	]
};
