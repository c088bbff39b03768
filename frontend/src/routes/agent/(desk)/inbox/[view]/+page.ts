import { error } from '@sveltejs/kit';
import { queryClient } from '#lib/api/query-client.ts';
import { ticketListOptions } from '#lib/api/queries/tickets.ts';
import { isDeskView, listFilters, parseList } from '#lib/features/desk/views.ts';
import { m } from '#lib/paraglide/messages.js';
import type { PageLoad } from './$types';

export const load: PageLoad = ({ params, url }) => {
	if (!isDeskView(params.view)) error(404, { message: m.error_not_found() });
	// Starts early (also when a link is pointed at); the list itself shows how it goes.
	const filters = listFilters(parseList(params.view, url.searchParams));
	void queryClient.prefetchInfiniteQuery(ticketListOptions(filters));
};
