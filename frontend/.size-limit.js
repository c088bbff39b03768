/**
 * What each kind of page may load before it can be used: JavaScript over the wire, gzip. What comes later by itself
 * (menus, the palette, other languages) is not counted. See scripts/size.ts.
 */
import { routes, scriptsOf } from './scripts/size.ts';

const limits = [
	{ name: 'login', limit: '60 kB', of: /^\/\(auth\)\/login$/ },
	{ name: 'other sign-in pages', limit: '65 kB', of: /^\/\(auth\)\// },
	{ name: 'public and customer pages', limit: '90 kB', of: /^\/\((public|customer|account)\)/ },
	{ name: 'agent desk', limit: '130 kB', of: /^\/agent/ },
	{ name: 'administration', limit: '140 kB', of: /^\/admin/ }
];

const build = '.svelte-kit/output/client/';
const seen = new Set();

export default limits.flatMap(({ name, limit, of }) =>
	routes()
		.filter((route) => of.test(route) && !seen.has(route) && seen.add(route))
		.map((route) => ({
			name: `${name}: ${route}`,
			path: scriptsOf(route).map((file) => build + file),
			limit,
			gzip: true
		}))
);
