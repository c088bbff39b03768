/** The words for what a ticket is and where it stands, in the person's language. */
import type { ContactChannel, TicketKind, TicketPriority } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';

export { statusLabel, statuses } from './status.ts';
export const kinds = ['complaint', 'question', 'request'] as const;
export const priorities = ['low', 'normal', 'high', 'urgent'] as const;
export const channels = ['email', 'phone', 'chat'] as const;

const kindWords: Record<TicketKind, () => string> = {
	complaint: m.ticket_kind_complaint,
	question: m.ticket_kind_question,
	request: m.ticket_kind_request
};

const priorityWords: Record<TicketPriority, () => string> = {
	low: m.ticket_priority_low,
	normal: m.ticket_priority_normal,
	high: m.ticket_priority_high,
	urgent: m.ticket_priority_urgent
};

const channelWords: Record<ContactChannel, () => string> = {
	email: m.ticket_channel_email,
	phone: m.ticket_channel_phone,
	chat: m.ticket_channel_chat
};

export const kindLabel = (kind: TicketKind): string => kindWords[kind]();
export const priorityLabel = (priority: TicketPriority): string => priorityWords[priority]();
export const channelLabel = (channel: ContactChannel): string => channelWords[channel]();

/** The words for 1 to 5 stars. */
export const ratingWords = (): [string, string, string, string, string] => [
	m.ticket_rating_1(),
	m.ticket_rating_2(),
	m.ticket_rating_3(),
	m.ticket_rating_4(),
	m.ticket_rating_5()
];
