import { queryClient } from '#lib/api/query-client.ts';
import { ticketOptions } from '#lib/api/queries/tickets.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
	await parent();
	void queryClient.prefetchQuery(ticketOptions(params.number));
	return { number: params.number };
};
