/** The ways into the signed-in person's account besides the password. */
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { api, call } from '../client.ts';
import { http } from '../http.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { Identity, Provider } from '../types.ts';

/** Oldest link first. */
export const createIdentitiesQuery = () =>
	createQuery(() => ({
		queryKey: keys.identities,
		queryFn: async ({ signal }): Promise<Identity[]> =>
			(await call(api.GET('/api/v1/me/identities', { signal }))).items
	}));

/** What this server is configured for. */
export const createProvidersQuery = () =>
	createQuery(() => ({
		queryKey: keys.providers,
		staleTime: 5 * 60_000,
		queryFn: async ({ signal }): Promise<Provider[]> =>
			(await call(http.GET('/api/v1/auth/providers', { signal }))).items
	}));

export const createUnlinking = () =>
	createMutation(() => ({
		mutationFn: (id: string) =>
			call(api.DELETE('/api/v1/me/identities/{id}', { params: { path: { id } } })),
		meta: { quiet: true },
		onSettled: () => queryClient.invalidateQueries({ queryKey: keys.identities })
	}));
