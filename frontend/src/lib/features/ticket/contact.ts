/** How somebody wants to be reached. A phone number is needed by those who want to be called. */
import * as v from 'valibot';
import { email, phone, text } from '#lib/forms/schema.ts';
import { m } from '#lib/paraglide/messages.js';
import { channels } from './words.ts';

export const contactSchema = () =>
	v.pipe(
		v.object({
			name: text(200),
			email: email(),
			phone: phone(),
			preferred_channel: v.picklist(channels)
		}),
		v.forward(
			v.check(
				(contact) => contact.preferred_channel !== 'phone' || contact.phone !== null,
				() => m.ticket_contact_phone_needed()
			),
			['phone']
		)
	);
