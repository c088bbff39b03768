import { createMutation, createQuery, queryOptions } from '@tanstack/svelte-query';
import { api, call, ifMatch, once } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { NewService, Service, ServicePatch } from '../types.ts';
import type { Creating } from './ticket-changes.ts';

/** The catalogue in its order. Retired ones only for admins. */
export const serviceListOptions = (options: { retired?: boolean } = {}) =>
	queryOptions({
		queryKey: keys.serviceList(options.retired ?? false),
		staleTime: 5 * 60_000,
		queryFn: async ({ signal }): Promise<Service[]> => {
			const query = options.retired ? { include: 'retired' as const } : {};
			return (await call(api.GET('/api/v1/services', { params: { query }, signal }))).items;
		}
	});

export const createServiceListQuery = (options: { retired?: boolean } = {}) =>
	createQuery(() => serviceListOptions(options));

export const serviceOptions = (id: string) =>
	queryOptions({
		queryKey: keys.service(id),
		queryFn: ({ signal }) =>
			call(api.GET('/api/v1/services/{id}', { params: { path: { id } }, signal }))
	});

export const createServiceQuery = (id: () => string) => createQuery(() => serviceOptions(id()));

const refresh = () => queryClient.invalidateQueries({ queryKey: keys.services });

export const createServiceCreation = () =>
	createMutation(() => ({
		mutationFn: ({ body, key }: Creating<NewService>) =>
			call(api.POST('/api/v1/services', { params: once(key), body })),
		meta: { quiet: true },
		onSuccess: refresh
	}));

export const createServiceChange = () =>
	createMutation(() => ({
		mutationFn: ({ id, patch, version }: { id: string; patch: ServicePatch; version?: number }) =>
			call(
				api.PATCH('/api/v1/services/{id}', {
					params: { path: { id }, ...ifMatch(version) },
					body: patch
				})
			),
		meta: { quiet: true },
		onSettled: refresh
	}));

/** Takes the ids in their new order; shown at once. */
export const createServiceOrder = () =>
	createMutation(() => ({
		mutationFn: (ids: string[]) => call(api.PUT('/api/v1/services/order', { body: { ids } })),
		onMutate: async (ids: string[]) => {
			await queryClient.cancelQueries({ queryKey: keys.services });
			const lists = queryClient.getQueriesData<Service[]>({ queryKey: ['services', 'list'] });
			const place = new Map(ids.map((id, index) => [id, index]));
			for (const [key, list] of lists) {
				if (!list) continue;
				const at = (service: Service) => place.get(service.id) ?? ids.length + service.position;
				queryClient.setQueryData(
					key,
					[...list].sort((a, b) => at(a) - at(b))
				);
			}
			return { lists };
		},
		onError: (_error, _ids, before) => {
			for (const [key, list] of before?.lists ?? []) queryClient.setQueryData(key, list);
		},
		onSettled: refresh
	}));
