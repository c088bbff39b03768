/**
 * What a page costs over the wire: the gzip size of every script it loads before it can be used, found by
 * following the build's own manifest. Anything imported lazily is not counted.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

interface Chunk {
	file: string;
	src?: string;
	imports?: string[];
}

const out = new URL('../.svelte-kit/output/client/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', out), 'utf8')) as Record<
	string,
	Chunk
>;
const nodesFile = readFileSync(
	new URL('../.svelte-kit/generated/build/client-optimized/app.js', import.meta.url),
	'utf8'
);

/** Route id -> numbers of its layouts and its page, as the app's own dictionary says. */
function nodesOf(route: string): number[] {
	const escaped = route.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
	const found = nodesFile.match(
		new RegExp(`"${escaped}":\\s*\\[~?(\\d+)(?:,\\s*\\[([\\d,]*)\\])?`)
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

const entry = (name: string) =>
	Object.keys(manifest).find((key) => key.endsWith(name)) ?? `missing ${name}`;

/** All scripts a visit to the route loads at once. */
export function scriptsOf(route: string): string[] {
	const seen = new Set<string>();
	follow(entry('runtime/client/entry.js'), seen);
	follow(entry('runtime/client/client-entry.js'), seen);
	follow(entry('client-optimized/app.js'), seen);
	for (const node of nodesOf(route)) follow(entry(`client-optimized/nodes/${node}.js`), seen);
	return [...seen].filter((file) => file.endsWith('.js'));
}

export const weigh = (file: string): number =>
	gzipSync(readFileSync(new URL(file, out)), { level: 9 }).length;

if (process.argv.includes('--routes')) {
	for (const [, route] of nodesFile.matchAll(/"(\/[^"]*)":\s*\[/g)) {
		if (!route) continue;
		const bytes = scriptsOf(route).reduce((sum, file) => sum + weigh(file), 0);
		console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${route}`);
	}
}
