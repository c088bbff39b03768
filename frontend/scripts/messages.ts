/** Fails when the message catalogues disagree: a key or a placeholder missing on one side, an empty text, wrong order. */
import { readFileSync } from 'node:fs';

type Catalogue = Record<string, unknown>;
const read = (locale: string): Catalogue => {
	const all = JSON.parse(
		readFileSync(new URL(`../messages/${locale}.json`, import.meta.url), 'utf8')
	) as Catalogue;
	return Object.fromEntries(Object.entries(all).filter(([key]) => key !== '$schema'));
};

const placeholders = (value: unknown): string =>
	[...new Set(JSON.stringify(value).match(/\{\w+\}/g) ?? [])].sort().join(' ');

const en = read('en');
const ta = read('ta');
const faults: string[] = [];

for (const [locale, mine, other] of [
	['en', en, ta],
	['ta', ta, en]
] as const) {
	const keys = Object.keys(mine);
	if (keys.join() !== [...keys].sort().join()) faults.push(`${locale}: keys are not sorted`);
	for (const key of keys) {
		if (!(key in other)) faults.push(`${key}: only in ${locale}`);
		if (mine[key] === '') faults.push(`${key}: empty in ${locale}`);
	}
}
for (const key of Object.keys(en)) {
	if (key in ta && placeholders(en[key]) !== placeholders(ta[key]))
		faults.push(
			`${key}: placeholders differ (${placeholders(en[key])} / ${placeholders(ta[key])})`
		);
}

if (faults.length > 0) {
	console.error(faults.join('\n'));
	process.exit(1);
}
console.log(`${Object.keys(en).length} messages in 2 languages agree.`);
