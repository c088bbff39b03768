/**
 * A form: values, one message per field, one message for all, and what is going on.
 *
 *   const form = new Form({ schema, initial: { email: '' }, submit: (values) => signIn(values) });
 *   <form onsubmit={form.onsubmit} novalidate>
 *     <TextField bind:value={form.values.email} error={form.errors.email} name="email" … />
 *     {#if form.problem}<Banner tone="danger" live="assertive">{form.problem}</Banner>{/if}
 *     <Button type="submit" loading={form.busy}>…</Button>
 *
 * Fields are checked when the form is sent and from then on while they are corrected. What the API finds
 * wrong (422) appears at the same fields; focus goes to the first one.
 */
import { tick } from 'svelte';
import { describe, fieldErrors, isAbort } from '#lib/api/errors.ts';
import { m } from '#lib/paraglide/messages.js';

/** Rules for what may be entered: a valibot schema, or `plain.ts` where every kilobyte counts (Standard Schema). */
export interface Rules<I, O> {
	readonly '~standard': {
		readonly validate: (value: unknown) => Checked<O> | Promise<Checked<O>>;
		readonly types?: { readonly input: I; readonly output: O } | undefined;
	};
}

export type Checked<O> =
	{ readonly value: O; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

export interface Issue {
	readonly message: string;
	readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export interface FormOptions<I, O> {
	schema: Rules<I, O>;
	initial: I;
	submit: (values: O) => Promise<unknown>;
	/** API field name -> form field name, where they differ. */
	fields?: Record<string, string>;
	/** Gets an error first; returns true when it has dealt with it. */
	onerror?: (error: unknown) => boolean;
}

export class Form<I extends object, O = I> {
	values: I = $state() as I;
	/** One message per field path ("contact.email"). */
	errors = $state<Record<string, string | undefined>>({});
	/** A message for the form as a whole. */
	problem = $state<string | undefined>(undefined);
	busy = $state(false);

	#options: FormOptions<I, O>;
	#tried = false;

	constructor(options: FormOptions<I, O>) {
		this.#options = options;
		this.values = structuredClone(options.initial);
		$effect(() => {
			JSON.stringify(this.values);
			if (this.#tried) this.errors = this.#check().errors;
		});
	}

	#check(): { errors: Record<string, string>; output?: O } {
		const result = this.#options.schema['~standard'].validate($state.snapshot(this.values));
		if (result instanceof Promise) throw new TypeError('forms are checked at once');
		if (!result.issues) return { errors: {}, output: result.value };
		const errors: Record<string, string> = {};
		for (const { message, path = [] } of result.issues) {
			errors[path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')] ??=
				message;
		}
		return { errors };
	}

	onsubmit = (event: Event): void => {
		event.preventDefault();
		void this.submit(event.currentTarget as HTMLFormElement | null);
	};

	/** True when it went through. */
	async submit(element: HTMLFormElement | null = null): Promise<boolean> {
		if (this.busy) return false;
		this.#tried = true;
		this.problem = undefined;
		const { errors, output } = this.#check();
		this.errors = errors;
		if (output === undefined) {
			await focusFirst(element);
			return false;
		}
		this.busy = true;
		try {
			await this.#options.submit(output);
			return true;
		} catch (error) {
			this.#failed(error);
			await focusFirst(element);
			return false;
		} finally {
			this.busy = false;
		}
	}

	#failed(error: unknown): void {
		if (isAbort(error) || this.#options.onerror?.(error)) return;
		const known = flatKeys(this.values);
		const errors: Record<string, string> = {};
		let elsewhere = false;
		for (const [name, text] of Object.entries(fieldErrors(error))) {
			const field = this.#options.fields?.[name] ?? name;
			if (known.has(field)) errors[field] = text;
			else elsewhere = true;
		}
		this.errors = errors;
		const shown = Object.keys(errors).length > 0 && !elsewhere;
		this.problem = shown ? m.error_invalid() : describe(error).message;
	}

	/** Empty again, as if never touched. */
	reset(values: I = this.#options.initial): void {
		this.#tried = false;
		this.values = structuredClone(values);
		this.errors = {};
		this.problem = undefined;
	}
}

function flatKeys(value: unknown, prefix = ''): Set<string> {
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- local
	const keys = new Set<string>();
	if (!value || typeof value !== 'object') return keys;
	for (const [name, inner] of Object.entries(value)) {
		keys.add(prefix + name);
		for (const key of flatKeys(inner, `${prefix}${name}.`)) keys.add(key);
	}
	return keys;
}

async function focusFirst(element: HTMLFormElement | null): Promise<void> {
	await tick();
	element?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
