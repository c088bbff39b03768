/** The ways into the signed-in person's account besides the password. */
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { api, call } from '../client.ts';
import { http } from '../http.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { Identity, Provider } from '../types.ts';

/** What is linked, oldest first; and what this server offers. */
export const createSignInMethodsQuery = () =>
	createQuery(() => ({
		queryKey: keys.identities,
		queryFn: async ({ signal }): Promise<{ linked: Identity[]; offered: Provider[] }> => {
			const [linked, offered] = await Promise.all([
				call(api.GET('/api/v1/me/identities', { signal })),
				call(http.GET('/api/v1/auth/providers', { signal }))
			]);
			return { linked: linked.items, offered: offered.items };
		}
	}));

export const createUnlinking = () =>
	createMutation(() => ({
		mutationFn: (id: string) =>
			call(api.DELETE('/api/v1/me/identities/{id}', { params: { path: { id } } })),
		meta: { quiet: true },
		onSettled: () => queryClient.invalidateQueries({ queryKey: keys.identities })
	}));
