import { meta } from '#lib/api/meta.svelte.ts';
import type { LayoutLoad } from './$types';

// A static single-page app: nothing is rendered on a server. Every address without a parameter still gets an HTML file, so
// that its own scripts come with the first ones.
export const ssr = false;
export const prerender = 'auto';

/** So long a page waits to know whether it is a demo: the strip that says so must not push away what is being read. */
const PATIENCE_MS = 1000;

export const load: LayoutLoad = async () => {
	await Promise.race([meta.load(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
};
