/**
 * "Raise a ticket" in three steps on one draft. Each step is checked when one leaves it; what the API finds wrong leads
 * back to the step it belongs to. However often it is sent, one ticket comes of it.
 */
import { SvelteSet } from 'svelte/reactivity';
import * as v from 'valibot';
import { describe, fieldErrors, isAbort, isApiError } from '#lib/api/errors.ts';
import { Draft } from '#lib/api/drafts.svelte.ts';
import { newIdempotencyKey } from '#lib/api/ids.ts';
import type { Me, NewTicket, Service, Ticket, TicketKind } from '#lib/api/types.ts';
import { contactSchema } from '#lib/features/ticket/contact.ts';
import {
	emptyNewTicket,
	NEW_TICKET_DRAFT,
	type NewTicketDraft
} from '#lib/features/ticket/new-ticket-draft.ts';
import { kinds } from '#lib/features/ticket/words.ts';
import { optionalText, text } from '#lib/forms/schema.ts';
import { m } from '#lib/paraglide/messages.js';
import { suggestKind, suggestService, suggestSubject } from './suggest.ts';

export const steps = ['what', 'details', 'you'] as const;
export const LAST_STEP = steps.length - 1;

const today = () => new Date().toLocaleDateString('en-CA');

const incidentDate = () =>
	v.pipe(
		v.string(),
		v.check(
			(day) => day === '' || (/^\d{4}-\d{2}-\d{2}$/.test(day) && day >= '1900-01-01'),
			() => m.error_field_malformed()
		),
		v.check(
			(day) => day <= today(),
			() => m.customer_raise_future()
		),
		v.transform((day) => day || null)
	);

const schemas = [
	v.object({
		description: text(20_000),
		kind: v.picklist(kinds),
		service_id: v.nullable(v.string())
	}),
	v.object({
		subject: text(200, 3),
		complaint: v.object({
			against: optionalText(200),
			incident_date: incidentDate(),
			reference: optionalText(100),
			wanted_outcome: optionalText(2000)
		})
	}),
	v.object({ contact: contactSchema() })
] as const;

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

	#draft = new Draft<NewTicketDraft>(NEW_TICKET_DRAFT, emptyNewTicket());
	#tried = new SvelteSet<number>();

	constructor(user: Me | null, preset: Preset) {
		const draft = this.#draft.value;
		draft.chosen ??= {};
		// The home page says "question" or "request" only when somebody chose it.
		if (draft.kind !== 'complaint') draft.chosen.kind = true;
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

	/** Something was typed on an earlier visit. */
	get empty(): boolean {
		const { description, subject, complaint } = this.values;
		return !description.trim() && !subject.trim() && !Object.values(complaint).some(Boolean);
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
	suggest(services: readonly Service[]): void {
		const draft = this.values;
		const { chosen = {}, description } = draft;
		if (!chosen.kind) draft.kind = suggestKind(description) ?? 'complaint';
		if (!chosen.service) draft.service_id = suggestService(description, services)?.id ?? null;
		if (!chosen.subject) draft.subject = suggestSubject(description);
		// A service that has been retired since.
		if (draft.service_id && services.length > 0) {
			if (!services.some(({ id }) => id === draft.service_id)) draft.service_id = null;
		}
	}

	#check(step: number): { errors: Record<string, string>; output?: unknown } {
		const schema = schemas[step];
		if (!schema) return { errors: {} };
		const { values } = this;
		// What is not asked must not stand in the way.
		const complaint = values.kind === 'complaint' ? values.complaint : emptyNewTicket().complaint;
		const result = v.safeParse(schema, $state.snapshot({ ...values, complaint }));
		if (result.success) return { errors: {}, output: result.output };
		const errors: Record<string, string> = {};
		for (const issue of result.issues) errors[v.getDotPath(issue) ?? ''] ??= issue.message;
		return { errors };
	}

	#recheck(): void {
		const errors: Record<string, string> = {};
		for (const step of this.#tried) Object.assign(errors, this.#check(step).errors);
		this.errors = errors;
	}

	/** The first step before `step` that is not right yet; `step` when all are. */
	reachable(step: number): number {
		for (let one = 0; one < step; one++) {
			if (Object.keys(this.#check(one).errors).length > 0) return one;
		}
		return step;
	}

	/** True when one may go on from `step`; otherwise its faults are shown. */
	leave(step: number): boolean {
		this.#tried.add(step);
		this.#recheck();
		const right = Object.keys(this.#check(step).errors).length === 0;
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

	body(): NewTicket | undefined {
		const [what, details, you] = schemas.map((_, step) => this.#check(step).output);
		if (!what || !details || !you) return undefined;
		const { description, kind, service_id } = what as v.InferOutput<(typeof schemas)[0]>;
		const { subject, complaint } = details as v.InferOutput<(typeof schemas)[1]>;
		const { contact } = you as v.InferOutput<(typeof schemas)[2]>;
		const told = Object.values(complaint).some((value) => value !== null);
		return {
			kind,
			subject,
			description,
			contact,
			...(service_id ? { service_id } : {}),
			...(kind === 'complaint' && told ? { complaint } : {})
		};
	}

	/** Sends it. Answers the step to go to: where something is wrong, or none when it went through. */
	async submit(send: Send): Promise<number | undefined> {
		if (this.busy || this.raised) return undefined;
		for (let step = 0; step <= LAST_STEP; step++) if (!this.leave(step)) return step;
		const body = this.body();
		if (!body) return 0;
		this.busy = true;
		this.problem = undefined;
		this.sentBefore = false;
		try {
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
