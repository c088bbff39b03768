/**
 * "Raise a ticket" in three steps on one draft. Each step is checked when one leaves it; what the API finds wrong leads
 * back to the step it belongs to. However often it is sent, one ticket comes of it.
 */
import { SvelteSet } from 'svelte/reactivity';
import { describe, fieldErrors, isAbort, isApiError } from '#lib/api/errors.ts';
import { Draft } from '#lib/api/drafts.svelte.ts';
import { newIdempotencyKey } from '#lib/api/ids.ts';
import type { Me, NewTicket, Service, Ticket, TicketKind } from '#lib/api/types.ts';
import {
	emptyNewTicket,
	NEW_TICKET_DRAFT,
	nothingTyped,
	type NewTicketDraft
} from '#lib/features/ticket/new-ticket-draft.ts';
import { m } from '#lib/paraglide/messages.js';

export const steps = ['what', 'details', 'you'] as const;
export const LAST_STEP = steps.length - 1;

/** The step on which a field stands, by its path. */
export function stepOf(field: string): number {
	if (/^(description|kind|service_id)$/.test(field)) return 0;
	if (/^(subject|complaint)(\.|$)/.test(field)) return 1;
	return LAST_STEP;
}

export interface Preset {
	kind?: TicketKind | undefined;
	service_id?: string | undefined;
}

type Send = (request: { body: NewTicket; key: string }) => Promise<Ticket>;

export class RaiseForm {
	errors = $state<Record<string, string | undefined>>({});
	/** What is wrong as a whole. */
	problem = $state<string | undefined>();
	/** An earlier try may have gone through with other words. */
	sentBefore = $state(false);
	busy = $state(false);
	/** The ticket there is now; nothing more can be sent. */
	raised = $state<Ticket | undefined>();

	#draft = new Draft<NewTicketDraft>(NEW_TICKET_DRAFT, emptyNewTicket(), nothingTyped);
	#tried = new SvelteSet<number>();
	#rules: typeof import('./rules.ts') | undefined;
	#loading = import('./rules.ts').then((rules) => (this.#rules = rules));

	constructor(user: Me | null, preset: Preset) {
		const draft = this.#draft.value;
		draft.chosen ??= {};
		// Not our guess: the home page sets it when somebody presses "ask a question".
		if (draft.kind !== (draft.chosen.guess ?? 'complaint')) draft.chosen.kind = true;
		if (preset.kind) this.choose('kind', preset.kind);
		if (preset.service_id) this.choose('service_id', preset.service_id);
		const { contact } = draft;
		if (user && !contact.name && !contact.email) {
			contact.name = user.name;
			contact.email = user.email;
			contact.phone = user.phone ?? '';
		}
		$effect(() => {
			JSON.stringify(this.#draft.value);
			if (this.#tried.size > 0) this.#recheck();
		});
	}

	get values(): NewTicketDraft {
		return this.#draft.value;
	}

	get empty(): boolean {
		return nothingTyped(this.values);
	}

	/** Sets what a person decided; suggestions leave it alone from now on. */
	choose(what: 'kind' | 'service_id', value: string | null): void {
		const draft = this.values;
		draft.chosen ??= {};
		if (what === 'kind') {
			draft.kind = value as TicketKind;
			draft.chosen.kind = true;
		} else {
			draft.service_id = value;
			draft.chosen.service = true;
		}
	}

	titleTouched(): void {
		this.values.chosen = { ...this.values.chosen, subject: this.values.subject.trim() !== '' };
	}

	/** Fills what has not been decided from the text. */
	async suggest(services: readonly Service[]): Promise<void> {
		const { suggestKind, suggestService, suggestSubject } = await import('./suggest.ts');
		const draft = this.values;
		const { chosen = {}, description } = draft;
		if (!chosen.kind) {
			const kind = suggestKind(description) ?? 'complaint';
			draft.kind = kind;
			draft.chosen = { ...chosen, guess: kind };
		}
		if (!chosen.service) draft.service_id = suggestService(description, services)?.id ?? null;
		if (!chosen.subject) draft.subject = suggestSubject(description);
		// A service that has been retired since.
		if (draft.service_id && services.length > 0) {
			if (!services.some(({ id }) => id === draft.service_id)) draft.service_id = null;
		}
	}

	#now = (): NewTicketDraft => $state.snapshot(this.values) as NewTicketDraft;

	#recheck(): void {
		const errors: Record<string, string> = {};
		for (const step of this.#tried) Object.assign(errors, this.#rules?.faults(step, this.#now()));
		this.errors = errors;
	}

	/** How far one may be: nobody skips a step that has not even been begun. */
	reachable(step: number): number {
		const { description, subject } = this.values;
		if (description.trim() === '') return 0;
		return subject.trim() === '' ? Math.min(step, 1) : Math.min(step, LAST_STEP);
	}

	/** True when one may go on from `step`; otherwise its faults are shown. */
	async leave(step: number): Promise<boolean> {
		const { faults } = await this.#loading;
		this.#tried.add(step);
		this.#recheck();
		const right = Object.keys(faults(step, this.#now())).length === 0;
		if (right) {
			this.values.step = Math.min(step + 1, LAST_STEP);
			this.#draft.flush();
		}
		return right;
	}

	/** It has become a ticket, and the page has moved on. */
	forget(): void {
		this.#draft.clear();
	}

	/** Sends it. Answers the step to go to: where something is wrong, or none when it went through. */
	async submit(send: Send): Promise<number | undefined> {
		if (this.busy || this.raised) return undefined;
		this.busy = true;
		this.problem = undefined;
		this.sentBefore = false;
		try {
			for (let step = 0; step <= LAST_STEP; step++) if (!(await this.leave(step))) return step;
			const body = (await this.#loading).bodyOf(this.#now());
			if (!body) return 0;
			this.raised = await send({ body, key: this.values.key });
			return undefined;
		} catch (error) {
			return this.#failed(error);
		} finally {
			this.busy = false;
		}
	}

	#failed(error: unknown): number {
		if (isAbort(error)) return LAST_STEP;
		if (isApiError(error, 'idempotency_mismatch')) {
			this.sentBefore = true;
			return LAST_STEP;
		}
		const errors = fieldErrors(error);
		this.errors = errors;
		const at = Object.keys(errors).map(stepOf);
		this.problem = at.length > 0 ? m.error_invalid() : describe(error).message;
		return at.length > 0 ? Math.min(...at) : LAST_STEP;
	}

	/** After `sentBefore`: these words become a ticket of their own. */
	renew(): void {
		this.values.key = newIdempotencyKey();
		this.sentBefore = false;
	}

	/** Empties everything; answers how to bring it back. */
	discard(): () => void {
		const before = $state.snapshot(this.values) as NewTicketDraft;
		const { contact } = before;
		this.#draft.clear();
		Object.assign(this.values, { key: newIdempotencyKey(), contact, chosen: {} });
		this.#tried.clear();
		this.errors = {};
		this.problem = undefined;
		return () => Object.assign(this.values, before);
	}
}
