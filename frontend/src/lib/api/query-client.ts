/** The one cache of server state. Loaded with the app shells, not with the sign-in pages. */
import {
	MutationCache,
	QueryCache,
	QueryClient,
	type FetchQueryOptions,
	type QueryKey
} from '@tanstack/svelte-query';
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

/**
 * Asks the API now, whatever the cache holds. What is on screen is fetched anew at every hint, and who waits for one of
 * those fetches is told that it was cancelled: a decision needs a fetch of its own. The answer is not put on screen.
 */
export const askNow = <T, K extends QueryKey>(
	query: FetchQueryOptions<T, Error, T, K>
): Promise<T> =>
	queryClient.fetchQuery({
		...query,
		queryKey: ['now', ...query.queryKey] as unknown as K,
		staleTime: 0,
		gcTime: 0
	});
