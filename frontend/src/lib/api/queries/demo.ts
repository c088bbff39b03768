import { createQuery } from '@tanstack/svelte-query';
import { api, call } from '../client.ts';
import { keys } from '../keys.ts';

/** The demo accounts; 404 outside demo mode. */
export const createDemoQuery = () =>
	createQuery(() => ({
		queryKey: keys.demo,
		staleTime: Infinity,
		queryFn: ({ signal }) => call(api.GET('/api/v1/demo', { signal }))
	}));

/** All mail this demo has "sent", newest first. */
export const createDemoMailboxQuery = () =>
	createQuery(() => ({
		queryKey: keys.demoMailbox,
		refetchInterval: 5000,
		queryFn: async ({ signal }) => (await call(api.GET('/api/v1/demo/mailbox', { signal }))).items
	}));
