/** What each step of "raise a ticket" must hold, with its words. Loaded while the first step is being read. */
import * as v from 'valibot';
import { contactSchema } from '#lib/features/ticket/contact.ts';
import { emptyNewTicket, type NewTicketDraft } from '#lib/features/ticket/new-ticket-draft.ts';
import { kinds } from '#lib/features/ticket/words.ts';
import { optionalText, text } from '#lib/forms/schema.ts';
import type { NewTicket } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';

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

function parse(
	step: number,
	draft: NewTicketDraft
): ReturnType<typeof v.safeParse<(typeof schemas)[number]>> | undefined {
	const schema = schemas[step];
	// What is not asked must not stand in the way.
	const complaint = draft.kind === 'complaint' ? draft.complaint : emptyNewTicket().complaint;
	return schema && v.safeParse(schema, { ...draft, complaint });
}

/** The first message for each field of a step that is not right. */
export function faults(step: number, draft: NewTicketDraft): Record<string, string> {
	const errors: Record<string, string> = {};
	for (const issue of parse(step, draft)?.issues ?? []) {
		errors[v.getDotPath(issue) ?? ''] ??= issue.message;
	}
	return errors;
}

/** What is sent; undefined while something is not right. */
export function bodyOf(draft: NewTicketDraft): NewTicket | undefined {
	const parts = schemas.map((_, step) => parse(step, draft));
	if (!parts.every((part) => part?.success)) return undefined;
	const [what, details, you] = parts.map((part) => part?.output);
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
