import { createQuery, type CreateQueryResult } from '@tanstack/svelte-query';
import { api, call } from '#lib/api/client.ts';
import { keys } from '#lib/api/keys.ts';
import type { Customer } from '#lib/api/types.ts';

/** A customer who may not have been asked for yet. */
export const createMaybeCustomerQuery = (
	id: () => string | undefined
): CreateQueryResult<Customer, Error> =>
	createQuery(() => {
		const one = id();
		return {
			queryKey: keys.customer(one ?? ''),
			enabled: one !== undefined,
			queryFn: ({ signal }) =>
				call(api.GET('/api/v1/customers/{id}', { params: { path: { id: one ?? '' } }, signal }))
		};
	});
