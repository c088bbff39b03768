/** Keyset pages as one growing list. */
import type { InfiniteData } from '@tanstack/svelte-query';

export interface Page<T> {
	items: T[];
	next: string | null;
}

export type Pages<T> = InfiniteData<Page<T>, string | null>;

export const PAGE_SIZE = 50;

/** Options every "load more" list shares. */
export const paging = {
	initialPageParam: null as string | null,
	getNextPageParam: <T>(last: Page<T>): string | null => last.next
};

/** Query parameters for the page after `cursor`. */
export const pageQuery = (cursor: string | null): { limit: number; cursor?: string } =>
	cursor === null ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, cursor };

/** All items loaded so far, each id once (a row may slip to the next page while we read). */
export function allItems<T>(
	data: Pick<Pages<T>, 'pages'> | undefined,
	id: (item: T) => string
): T[] {
	const seen = new Set<string>();
	const items: T[] = [];
	for (const page of data?.pages ?? []) {
		for (const item of page.items) {
			const key = id(item);
			if (seen.has(key)) continue;
			seen.add(key);
			items.push(item);
		}
	}
	return items;
}

/** Replaces matching items in all loaded pages. */
export function mapItems<T>(
	data: Pages<T> | undefined,
	change: (item: T) => T
): Pages<T> | undefined {
	return data && { ...data, pages: data.pages.map((p) => ({ ...p, items: p.items.map(change) })) };
}
