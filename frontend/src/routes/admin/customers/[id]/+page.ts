import { redirect } from '@sveltejs/kit';
import { CUSTOMER } from '#lib/features/admin/params.ts';
import { links } from '#lib/links.ts';
import type { PageLoad } from './$types';

/** A customer opens beside the list. */
export const load: PageLoad = ({ params }) =>
	redirect(307, `${links.adminCustomers()}?${new URLSearchParams({ [CUSTOMER]: params.id })}`);
