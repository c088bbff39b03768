/** Build steps that keep the first page light. Development and tests run without them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Adapter } from '@sveltejs/kit';
import type { Manifest, Plugin } from 'vite';

const folder = fileURLToPath(new URL('./src/lib/paraglide/messages/', import.meta.url));
const importLine = /^[ \t]*import \{ m \} from '#lib\/paraglide\/messages\.js';?[ \t]*$/m;
const use = /(?<![\w.$])m\.([a-z]\w*)/g;
/** One message in one language, as the message compiler writes it. */
const tamil = /^const (ta_(\w+)) = [\s\S]*?^\};$/m;
const english = /^const (en_(\w+)) = [\s\S]*?^\};$/m;

/** The words of agents and admins are a part of their own. */
const isDesk = (key: string): boolean => /^(agent|admin)_/.test(key);

function tamilModule(desk: boolean): string {
	const parts: string[] = [];
	let registry = false;
	for (const file of readdirSync(folder)) {
		const code = readFileSync(folder + file, 'utf8');
		const found = tamil.exec(code);
		if (!found || isDesk(found[2] ?? '') !== desk) continue;
		registry ||= found[0].includes('registry.');
		parts.push(`${found[0]}\nwords.${found[2]} = ${found[1]};`);
	}
	return [
		`import { words } from 'virtual:care/words';`,
		registry ? `import * as registry from '#lib/paraglide/registry.js';` : '',
		...parts
	].join('\n');
}

/** What is left of the message compiler's own run time when the app itself decides on the language. */
const runtime = `
	export const baseLocale = 'en';
	export const locales = ['en', 'ta'];
	export const experimentalStaticLocale = undefined;
	export let getLocale = () => baseLocale;
	export const overwriteGetLocale = (next) => { getLocale = next; };
`;

/** Says a message in the language of the page; in English as long as the other words are not there. */
const words = `
	import { getLocale } from '#lib/paraglide/runtime.js';
	export const words = {};
	export const say = (key, english) => (inputs) =>
		((getLocale() === 'ta' && words[key]) || english)(inputs);
`;

/**
 * Messages. Each is imported from its own file instead of through the index of all of them, so that the bundler can
 * put it beside the code that says it; and nobody loads a language they do not read: Tamil comes in two parts of its
 * own (`virtual:care/ta`, `virtual:care/ta-desk`) when it is wanted.
 */
export function leanMessages(): Plugin {
	let building = false;
	return {
		name: 'care:lean-messages',
		enforce: 'pre',
		configResolved: (config) => void (building = config.command === 'build'),
		resolveId: {
			filter: { id: /^virtual:care\// },
			handler: (id) => `\0${id}`
		},
		load: {
			filter: { id: /^\0virtual:care\/|\/paraglide\/runtime\.js$/ },
			handler(id) {
				if (id.endsWith('/runtime.js')) return building ? runtime : undefined;
				if (id.endsWith('/words')) return words;
				return building ? tamilModule(id.endsWith('/ta-desk')) : 'export {};';
			}
		},
		transform: {
			filter: { id: /\/src\/.*\.(svelte|ts)$|\/paraglide\/messages\/\w+\.js$/ },
			handler(code, id) {
				if (!building) return;
				if (id.endsWith('.js')) {
					const found = english.exec(code);
					if (!found) return;
					const lines = [
						`import { say } from 'virtual:care/words';`,
						found[0].includes('registry.') ? `import * as registry from '../registry.js';` : '',
						found[0],
						`export const ${found[2]} = /* @__PURE__ */ say('${found[2]}', ${found[1]});`
					];
					return { code: lines.join('\n'), map: null };
				}
				if (!importLine.test(code)) return;
				const keys = new Set([...code.matchAll(use)].map(([, key]) => key));
				// A message that is not written yet is for the type check to tell.
				if (![...keys].every((key) => existsSync(`${folder}${key}.js`))) return;
				const imports = [...keys].map(
					(key) => `import { ${key} as m_${key} } from '#lib/paraglide/messages/${key}.js';`
				);
				return {
					code: code.replace(use, 'm_$1').replace(importLine, () => imports.join(' ')),
					map: null
				};
			}
		}
	};
}

/**
 * SvelteKit's router brings devalue along for data from its own server, of which a static app has none. All that is
 * left for it here is the history's `page.state`, for which JSON will do.
 */
export function plainState(): Plugin {
	return {
		name: 'care:plain-state',
		apply: 'build',
		enforce: 'pre',
		applyToEnvironment: (environment) => environment.name === 'client',
		load: {
			filter: { id: /node_modules\/devalue\/index\.js$/ },
			handler: () => `
				export const stringify = (value) => JSON.stringify(value);
				export const parse = (text) => JSON.parse(text);
				const none = () => { throw new Error('there is no SvelteKit server here'); };
				export { none as uneval, none as unflatten, none as stringifyAsync };
			`
		}
	};
}

/**
 * SvelteKit waits for the page that says what went wrong before it fetches the page that is wanted. That comes with the
 * first scripts then, instead of after them: one way to the server and back less.
 */
export function preloadProblem(adapter: Adapter): Adapter {
	return {
		...adapter,
		adapt(builder) {
			const client = builder.getBuildDirectory('output/client');
			const manifest = JSON.parse(
				readFileSync(`${client}/.vite/manifest.json`, 'utf8')
			) as Manifest;
			const node = manifest['.svelte-kit/generated/build/client-optimized/nodes/1.js'];
			if (!node) throw new Error('the page for what went wrong has another name now');
			const scripts = [node, ...(node.imports ?? []).flatMap((one) => manifest[one] ?? [])];
			const preload = (file: string): void => {
				const html = readFileSync(file, 'utf8');
				const links = scripts
					.filter((script) => !html.includes(script.file))
					.map((script) => `<link href="/${script.file}" rel="modulepreload">`);
				writeFileSync(file, html.replace('</head>', `${links.join('')}</head>`));
			};
			return adapter.adapt({
				...builder,
				async generateFallback(file) {
					await builder.generateFallback(file);
					preload(file);
				},
				writePrerendered(folder) {
					const files = builder.writePrerendered(folder);
					for (const file of files) if (file.endsWith('.html')) preload(`${folder}/${file}`);
					return files;
				}
			});
		}
	};
}
