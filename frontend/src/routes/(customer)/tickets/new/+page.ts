import { queryClient } from '#lib/api/query-client.ts';
import { serviceListOptions } from '#lib/api/queries/services.ts';
import { steps } from '#lib/features/raise/raise.svelte.ts';
import { kinds } from '#lib/features/ticket/words.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	await parent();
	void queryClient.prefetchQuery(serviceListOptions());
	const { searchParams: params } = url;
	const step = steps.findIndex((name) => name === params.get('step'));
	return {
		step: step < 0 ? undefined : step,
		preset: {
			kind: kinds.find((kind) => kind === params.get('kind')),
			service_id: params.get('service') ?? undefined
		}
	};
};
