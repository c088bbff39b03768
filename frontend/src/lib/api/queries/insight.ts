/** What the admin sees at a glance, and everybody's feedback. */
import {
	createInfiniteQuery,
	createQuery,
	infiniteQueryOptions,
	keepPreviousData,
	queryOptions
} from '@tanstack/svelte-query';
import { api, call } from '../client.ts';
import { keys } from '../keys.ts';
import type { FeedbackFilters } from '../types.ts';
import { pageQuery, paging } from './pages.ts';

export const dashboardOptions = (days: number) =>
	queryOptions({
		queryKey: keys.dashboard(days),
		queryFn: ({ signal }) =>
			call(api.GET('/api/v1/dashboard', { params: { query: { days } }, signal })),
		placeholderData: keepPreviousData,
		refetchInterval: 60_000
	});

export const createDashboardQuery = (days: () => number) =>
	createQuery(() => dashboardOptions(days()));

export const feedbackListOptions = (filters: FeedbackFilters) =>
	infiniteQueryOptions({
		queryKey: keys.feedbackList(filters),
		queryFn: ({ pageParam, signal }) =>
			call(
				api.GET('/api/v1/feedback', {
					params: { query: { ...filters, ...pageQuery(pageParam) } },
					signal
				})
			),
		...paging
	});

/** Admins see all, agents their own. */
export const createFeedbackListQuery = (filters: () => FeedbackFilters) =>
	createInfiniteQuery(() => feedbackListOptions(filters()));
