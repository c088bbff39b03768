/** Customers and agents, for admins. */
import {
	createInfiniteQuery,
	createMutation,
	createQuery,
	infiniteQueryOptions,
	queryOptions
} from '@tanstack/svelte-query';
import { getLocale } from '#lib/paraglide/runtime.js';
import { api, call, ifMatch, once } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { Body } from '../types.ts';
import { pageQuery, paging } from './pages.ts';
import type { Creating } from './ticket-changes.ts';

const search = (q: string) => (q ? { q } : {});

export const customerListOptions = (q: string) =>
	infiniteQueryOptions({
		queryKey: keys.customers(q),
		queryFn: ({ pageParam, signal }) =>
			call(
				api.GET('/api/v1/customers', {
					params: { query: { ...search(q), ...pageQuery(pageParam) } },
					signal
				})
			),
		...paging
	});

export const createCustomerListQuery = (q: () => string) =>
	createInfiniteQuery(() => customerListOptions(q()));

export const createCustomerQuery = (id: () => string) =>
	createQuery(() =>
		queryOptions({
			queryKey: keys.customer(id()),
			queryFn: ({ signal }) =>
				call(api.GET('/api/v1/customers/{id}', { params: { path: { id: id() } }, signal }))
		})
	);

export const agentListOptions = (q: string) =>
	infiniteQueryOptions({
		queryKey: keys.agents(q),
		queryFn: ({ pageParam, signal }) =>
			call(
				api.GET('/api/v1/agents', {
					params: { query: { ...search(q), ...pageQuery(pageParam) } },
					signal
				})
			),
		...paging
	});

export const createAgentListQuery = (q: () => string) =>
	createInfiniteQuery(() => agentListOptions(q()));

const refresh = () => queryClient.invalidateQueries({ queryKey: keys.people });

/** Invites an agent by mail. */
export const createAgentInvitation = () =>
	createMutation(() => ({
		mutationFn: ({ body, key }: Creating<Body<'/api/v1/agents', 'post'>>) =>
			call(
				api.POST('/api/v1/agents', {
					params: once(key),
					// Of the mail: whoever is invited has chosen no language yet.
					headers: { 'accept-language': getLocale() },
					body
				})
			),
		meta: { quiet: true },
		onSuccess: refresh
	}));

export const createInvitationResend = () =>
	createMutation(() => ({
		mutationFn: (id: string) =>
			call(api.POST('/api/v1/agents/{id}/invitation', { params: { path: { id } }, body: {} })),
		onSuccess: refresh
	}));

export const createAgentChange = () =>
	createMutation(() => ({
		mutationFn: ({
			id,
			patch,
			version
		}: {
			id: string;
			patch: Body<'/api/v1/agents/{id}', 'patch'>;
			version?: number;
		}) =>
			call(
				api.PATCH('/api/v1/agents/{id}', {
					params: { path: { id }, ...ifMatch(version) },
					body: patch
				})
			),
		onSettled: refresh
	}));
