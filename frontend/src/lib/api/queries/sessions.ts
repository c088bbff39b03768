/** Where the signed-in person is signed in, and how that came about. */
import { createInfiniteQuery, createMutation, createQuery } from '@tanstack/svelte-query';
import { api, call } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import { paging } from './pages.ts';

/** Sign-ins are read a few at a time: mostly the newest are wanted. */
const FEW = 10;

/** The latest seen first. */
export const createSessionsQuery = () =>
	createQuery(() => ({
		queryKey: keys.sessions,
		queryFn: async ({ signal }) => (await call(api.GET('/api/v1/me/sessions', { signal }))).items
	}));

/** Ends one session, or all but this one. */
export const createSessionEnding = () =>
	createMutation(() => ({
		mutationFn: (which: { id: string } | 'others') =>
			call(
				which === 'others'
					? api.DELETE('/api/v1/me/sessions')
					: api.DELETE('/api/v1/me/sessions/{id}', { params: { path: which } })
			),
		meta: { quiet: true },
		onSettled: () => queryClient.invalidateQueries({ queryKey: keys.sessions })
	}));

/** Sign-ins and attempts that failed, newest first. */
export const createSignInsQuery = () =>
	createInfiniteQuery(() => ({
		queryKey: keys.signIns,
		queryFn: ({ pageParam, signal }) =>
			call(
				api.GET('/api/v1/me/sign-ins', {
					params: { query: { limit: FEW, ...(pageParam === null ? {} : { cursor: pageParam }) } },
					signal
				})
			),
		...paging
	}));
