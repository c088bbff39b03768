/**
 * What a page loads before it can be used, found by following the build's own manifest. Anything imported lazily is
 * not counted. Used by .size-limit.js; `node scripts/size.ts` prints every page.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

interface Chunk {
	file: string;
	imports?: string[];
}

const kit = new URL('../.svelte-kit/', import.meta.url);
const out = new URL('output/client/', kit);
const read = (path: string) => readFileSync(new URL(path, kit), 'utf8');

let manifest: Record<string, Chunk>;
let dictionary: string;
try {
	manifest = JSON.parse(read('output/client/.vite/manifest.json')) as Record<string, Chunk>;
	dictionary = read('generated/build/client-optimized/app.js');
} catch {
	console.error('There is no build to weigh: run `npm run build` first.');
	process.exit(1);
}

/** Every page of the app. */
export const routes = (): string[] =>
	[...dictionary.matchAll(/"(\/[^"]*)":\s*\[/g)].map(([, route]) => route ?? '');

/** The numbers of a route's layouts and of its page, as the app's own dictionary says. */
function nodesOf(route: string): number[] {
	const escaped = route.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
	const found = new RegExp(`"${escaped}":\\s*\\[~?(\\d+)(?:,\\s*\\[([\\d,]*)\\])?`).exec(
		dictionary
	);
	if (!found) throw new Error(`no such route: ${route}`);
	const layouts = (found[2] ?? '').split(',').filter(Boolean).map(Number);
	return [0, ...layouts, Number(found[1])];
}

function follow(key: string, seen: Set<string>): void {
	const chunk = manifest[key];
	if (!chunk || seen.has(chunk.file)) return;
	seen.add(chunk.file);
	for (const next of chunk.imports ?? []) follow(next, seen);
}

function entry(name: string): string {
	const key = Object.keys(manifest).find((one) => one.endsWith(name));
	if (!key) throw new Error(`the build has no ${name}`);
	return key;
}

/** All scripts a visit to the route loads at once. */
export function scriptsOf(route: string): string[] {
	const seen = new Set<string>();
	for (const name of [
		'runtime/client/entry.js',
		'runtime/client/client-entry.js',
		'client-optimized/app.js',
		...nodesOf(route).map((node) => `client-optimized/nodes/${node}.js`)
	]) {
		follow(entry(name), seen);
	}
	return [...seen].filter((file) => file.endsWith('.js'));
}

export const weigh = (file: string): number =>
	gzipSync(readFileSync(new URL(file, out)), { level: 9 }).length;

if (process.argv[1]?.endsWith('size.ts')) {
	for (const route of routes()) {
		const bytes = scriptsOf(route).reduce((sum, file) => sum + weigh(file), 0);
		console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${route}`);
	}
}
