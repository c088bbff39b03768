/** What somebody has typed into "raise a ticket" so far. The home page starts it, /tickets/new goes on with it. */
import { newIdempotencyKey } from '#lib/api/ids.ts';
import type { ContactChannel, TicketKind } from '#lib/api/types.ts';

export { NEW_TICKET_DRAFT } from '#lib/api/draft-places.ts';

export interface NewTicketDraft {
	/** Made once: however often it is sent, one ticket. */
	key: string;
	kind: TicketKind;
	service_id: string | null;
	subject: string;
	description: string;
	contact: { name: string; email: string; phone: string; preferred_channel: ContactChannel };
	complaint: {
		against: string;
		incident_date: string;
		reference: string;
		wanted_outcome: string;
	};
	/** Where in the form they were. */
	step: number;
	/** What they decided themselves; the rest is suggested from the text. */
	chosen?: { kind?: boolean; service?: boolean; subject?: boolean; guess?: TicketKind };
}

export const emptyNewTicket = (): NewTicketDraft => ({
	key: newIdempotencyKey(),
	kind: 'complaint',
	service_id: null,
	subject: '',
	description: '',
	contact: { name: '', email: '', phone: '', preferred_channel: 'email' },
	complaint: { against: '', incident_date: '', reference: '', wanted_outcome: '' },
	step: 0,
	chosen: {}
});

/** At most something was chosen: not worth more than what somebody wrote earlier. */
export function nothingTyped({ description, subject, complaint }: NewTicketDraft): boolean {
	return [description, subject, ...Object.values(complaint)].every((text) => text.trim() === '');
}
