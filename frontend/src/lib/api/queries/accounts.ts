/** Everybody's account, for admins: finding it, and what an emergency asks for. */
import { createQuery, infiniteQueryOptions } from '@tanstack/svelte-query';
import { api, call, ifMatch } from '../client.ts';
import { keys } from '../keys.ts';
import { meta } from '../meta.svelte.ts';
import { queryClient } from '../query-client.ts';
import type { Account, Body, Role } from '../types.ts';
import { pageQuery, paging } from './pages.ts';

export interface AccountFilters {
	q: string;
	role: Role | undefined;
}

export const accountListOptions = ({ q, role }: AccountFilters) =>
	infiniteQueryOptions({
		queryKey: keys.accounts(q, role),
		queryFn: ({ pageParam, signal }) =>
			call(
				api.GET('/api/v1/accounts', {
					params: {
						query: { ...(q ? { q } : {}), ...(role ? { role } : {}), ...pageQuery(pageParam) }
					},
					signal
				})
			),
		...paging
	});

/** What an admin may do to an account; errors are for whoever asked. */
export type AccountMove =
	| 'disable'
	| 'enable'
	| 'unlock'
	| 'sign-out'
	| 'require-password-change'
	| 'remove-second-factor'
	| 'invite';

export async function moveAccount({ id, version }: Account, move: AccountMove): Promise<void> {
	const path = { params: { path: { id } } };
	try {
		if (move === 'disable' || move === 'enable')
			await call(
				api.PATCH('/api/v1/accounts/{id}', {
					params: { path: { id }, ...ifMatch(version) },
					body: { disabled: move === 'disable' }
				})
			);
		else if (move === 'invite')
			await call(api.POST('/api/v1/agents/{id}/invitation', { ...path, body: {} }));
		else if (move === 'unlock') await call(api.POST('/api/v1/accounts/{id}/unlock', path));
		else if (move === 'remove-second-factor')
			await call(api.DELETE('/api/v1/accounts/{id}/second-factor', path));
		else if (move === 'sign-out') await call(api.POST('/api/v1/accounts/{id}/sign-out', path));
		else await call(api.POST('/api/v1/accounts/{id}/require-password-change', path));
	} finally {
		void queryClient.invalidateQueries({ queryKey: keys.people });
	}
}

export const createLockdownQuery = () =>
	createQuery(() => ({
		queryKey: keys.lockdown,
		queryFn: ({ signal }) => call(api.GET('/api/v1/lockdown', { signal }))
	}));

/** Starts or ends the lockdown. */
export async function turnLockdown(
	on: boolean,
	body: Body<'/api/v1/lockdown/start', 'post'>
): Promise<void> {
	const now = await call(
		on ? api.POST('/api/v1/lockdown/start', { body }) : api.POST('/api/v1/lockdown/end', { body })
	);
	queryClient.setQueryData(keys.lockdown, now);
	await meta.reload();
}
