import { queryClient } from '#lib/api/query-client.ts';
import { ticketListOptions } from '#lib/api/queries/tickets.ts';
import { listFilters, readShow } from '#lib/features/ticket/list.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	await parent();
	const show = readShow(url.searchParams);
	const words = url.searchParams.get('q') ?? '';
	void queryClient.prefetchInfiniteQuery(ticketListOptions(listFilters(show, words)));
	return { show, words };
};
