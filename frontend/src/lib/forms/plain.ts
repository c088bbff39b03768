/**
 * Rules without a library, for the sign-in page: what everybody loads first should be small. Other forms use schema.ts.
 */
import { m } from '#lib/paraglide/messages.js';
import type { Checked, Rules } from './form.svelte.ts';

/** Says what is wrong, or nothing. */
export type Rule = (value: string) => string | undefined;

export const required: Rule = (value) => (value === '' ? m.error_field_required() : undefined);

export const looksLikeEmail: Rule = (value) =>
	/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/.test(value) ? undefined : m.error_field_email();

/** Text fields with their rules, the first broken one speaks. Values are trimmed, except secrets. */
export function plain<K extends string>(
	rules: Record<K, readonly Rule[]>,
	secret: readonly NoInfer<K>[] = []
): Rules<Record<K, string>, Record<K, string>> {
	return {
		'~standard': {
			validate(input: unknown): Checked<Record<K, string>> {
				const value = {} as Record<K, string>;
				const issues: { message: string; path: [K] }[] = [];
				for (const name of Object.keys(rules) as K[]) {
					const text = (input as Record<K, string>)[name];
					value[name] = secret.includes(name) ? text : text.trim();
					const message = first(rules[name], value[name]);
					if (message) issues.push({ message, path: [name] });
				}
				return issues.length > 0 ? { issues } : { value };
			}
		}
	};
}

function first(rules: readonly Rule[], value: string): string | undefined {
	for (const rule of rules) {
		const message = rule(value);
		if (message) return message;
	}
	return undefined;
}
