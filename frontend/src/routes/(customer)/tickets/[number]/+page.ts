import { queryClient } from '#lib/api/query-client.ts';
import { ticketOptions } from '#lib/api/queries/tickets.ts';
import { timelineOptions } from '#lib/api/queries/timeline.ts';
import type { PageLoad } from './$types';

/** The ticket and its conversation are asked for side by side. */
export const load: PageLoad = async ({ params, parent }) => {
	await parent();
	void import('#lib/features/conversation/Conversation.svelte');
	void queryClient.prefetchQuery(ticketOptions(params.number));
	void queryClient.prefetchQuery(timelineOptions(params.number));
	return { number: params.number };
};
