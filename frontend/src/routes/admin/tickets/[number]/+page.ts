import { redirect } from '@sveltejs/kit';
import { TICKET } from '#lib/features/admin/params.ts';
import { links } from '#lib/links.ts';
import type { PageLoad } from './$types';

/** A ticket opens beside the list. */
export const load: PageLoad = ({ params }) =>
	redirect(307, links.adminTickets(new URLSearchParams({ [TICKET]: params.number }).toString()));
