/** The one cache of server state. Loaded with the app shells, not with the sign-in pages. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/svelte-query';
import { isTemporary, report } from './errors.ts';

declare module '@tanstack/svelte-query' {
	interface Register {
		mutationMeta: {
			/** The screen shows this mutation's error itself (beside a field): no toast. */
			quiet?: boolean;
		};
		queryMeta: {
			/** The list is refreshed behind data that is already shown: a failure is worth a toast. */
			tell?: boolean;
		};
	}
}

export const queryClient = new QueryClient({
	queryCache: new QueryCache({
		onError: (error, query) => {
			if (query.meta?.tell && query.state.data !== undefined) report(error);
		}
	}),
	mutationCache: new MutationCache({
		onError: (error, _variables, _context, mutation) => {
			if (!mutation.meta?.quiet) report(error);
		}
	}),
	defaultOptions: {
		queries: {
			staleTime: 15_000,
			gcTime: 30 * 60_000,
			retry: (count, error) => count < 2 && isTemporary(error),
			retryDelay: (attempt) => Math.min(8000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2)
		},
		// A change that cannot be sent now fails now, with words; only messages wait (outbox.ts).
		mutations: { retry: false, networkMode: 'always' }
	}
});
