/**
 * The agent's desk as state: which list, which ticket is open, where the cursor is. List and open ticket are read
 * from the address; only the cursor (the row keys act on) lives here.
 */
import { createContext, tick } from 'svelte';
import { createInfiniteQuery } from '@tanstack/svelte-query';
import { afterNavigate, goto } from '$app/navigation';
import { page } from '$app/state';
import { queryClient } from '#lib/api/query-client.ts';
import { allItems, type Pages } from '#lib/api/queries/pages.ts';
import { ticketListOptions, ticketOptions } from '#lib/api/queries/tickets.ts';
import { timelineOptions } from '#lib/api/queries/timeline.ts';
import type { TicketFilters, TicketSummary } from '#lib/api/types.ts';
import { links } from '#lib/links.ts';
import { listFilters, listQuery, neighbour, parseList, type DeskList } from './views.ts';

/** Keys held down run through the rows; a ticket opens when they rest this long. */
const REST_MS = 120;

/** Fetches a ticket and its conversation before anybody asks for them. */
export function prefetchTicket(number: string): void {
	void queryClient.prefetchQuery(ticketOptions(number));
	void queryClient.prefetchQuery(timelineOptions(number));
}

/** Only the search words differ: the rows may stay until the new ones are here. */
function sameBut(a: TicketFilters | undefined, b: TicketFilters): boolean {
	return JSON.stringify({ ...a, q: undefined }) === JSON.stringify({ ...b, q: undefined });
}

export interface ListHandle {
	/** Scrolls a row into view and, when asked, puts the focus on it. */
	reveal: (index: number, focus: boolean) => void;
	focusSearch: () => void;
}

export class Desk {
	/** The list the address speaks of. */
	readonly list: DeskList = $derived.by(() => {
		const query = page.url.searchParams;
		return parseList(page.params.view ?? query.get('view'), query);
	});
	/** The open ticket's number. */
	readonly openNumber: string | undefined = $derived(page.params.number);

	readonly query = createInfiniteQuery(() => {
		const filters = listFilters(this.list);
		return {
			...ticketListOptions(filters),
			placeholderData: (
				previous: Pages<TicketSummary> | undefined,
				query: { queryKey: readonly unknown[] } | undefined
			) => (sameBut(query?.queryKey[2] as TicketFilters, filters) ? previous : undefined)
		};
	});
	readonly rows: TicketSummary[] = $derived(allItems(this.query.data, (row) => row.id));

	/** The number of the row the keys act on. */
	cursor = $state<string | undefined>();
	readonly cursorIndex = $derived(this.rows.findIndex((row) => row.number === this.cursor));

	/** The ticket that actions are about: the open one, else the row under the cursor. */
	readonly targetNumber: string | undefined = $derived(
		this.openNumber ?? (this.cursorIndex >= 0 ? this.cursor : undefined)
	);

	handle: ListHandle | undefined;
	#lastIndex = -1;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#steppedAt = 0;
	/** The entry before this one in the history is the list: "back" may really go back. */
	#cameFromList = false;

	constructor() {
		$effect(() => {
			if (this.openNumber) this.cursor = this.openNumber;
		});
		$effect(() => {
			if (this.cursorIndex >= 0) this.#lastIndex = this.cursorIndex;
		});
		// The row under the cursor has left the list (it was taken, say): go on with the one in its place.
		$effect(() => {
			if (this.openNumber || !this.cursor || this.cursorIndex >= 0 || this.rows.length === 0)
				return;
			if (this.query.isPlaceholderData || this.#lastIndex < 0) return;
			this.#land(Math.min(this.#lastIndex, this.rows.length - 1));
		});
		// The neighbours of the open ticket are likely to be next.
		$effect(() => {
			if (!this.openNumber || this.cursorIndex < 0) return;
			for (const near of [this.rows[this.cursorIndex + 1], this.rows[this.cursorIndex - 1]])
				if (near) prefetchTicket(near.number);
		});
		const view = $derived(listQuery(this.list, true));
		$effect(() => {
			void view;
			if (!this.openNumber) {
				this.cursor = undefined;
				this.#lastIndex = -1;
			}
		});
		$effect(() => () => clearTimeout(this.#timer));
		afterNavigate(({ from, to, type }) => {
			const fromList = from?.params?.view !== undefined && type !== 'popstate';
			// A link from ticket to ticket is a step of its own; j and k replace the entry.
			if (fromList || type === 'link' || !to?.params?.number) this.#cameFromList = fromList;
		});
	}

	ticketHref(number: string, list: DeskList = this.list): string {
		return links.agentTicket(number) + listQuery(list, true);
	}

	listHref(list: DeskList = this.list): string {
		return links.agentInbox(list.view) + listQuery(list);
	}

	/** Lays other filters over the list; an open ticket stays open. */
	show(list: DeskList): void {
		this.#cameFromList = false;
		const href = this.openNumber ? this.ticketHref(this.openNumber, list) : this.listHref(list);
		void goto(href, { reset: false, replace: true });
	}

	open(number: string, replace = this.openNumber !== undefined): void {
		clearTimeout(this.#timer);
		prefetchTicket(number);
		void goto(this.ticketHref(number), { reset: false, replace });
	}

	/** Closes the open ticket; the list is where it was. */
	async back(): Promise<void> {
		clearTimeout(this.#timer);
		const number = this.openNumber;
		if (!number) return;
		const at = this.#lastIndex;
		if (this.#cameFromList) history.back();
		else await goto(this.listHref(), { reset: false, replace: true });
		// The history moves when it likes.
		for (let tries = 0; this.openNumber && tries < 100; tries++) {
			await new Promise((next) => setTimeout(next, 20));
		}
		await tick();
		const index = this.rows.findIndex((row) => row.number === number);
		// It may have left the list: then the row that took its place.
		this.#land(index >= 0 ? index : Math.min(at, this.rows.length - 1));
	}

	#land(index: number): void {
		const row = this.rows[index];
		if (!row) return;
		this.cursor = row.number;
		const focused = document.activeElement;
		// Never out of a text box or a dialog.
		const free = !focused || focused === document.body || focused.closest('[data-list]') !== null;
		this.handle?.reveal(index, free);
	}

	/** j and k: the next or the previous row; with a ticket open, that ticket. */
	step(by: 1 | -1): void {
		const next = neighbour(this.rows.length, this.cursorIndex, by, this.#lastIndex);
		if (next === undefined) {
			if (by === 1) this.more();
			return;
		}
		this.moveTo(next);
	}

	moveTo(index: number): void {
		const row = this.rows[index];
		if (!row) return;
		this.cursor = row.number;
		this.handle?.reveal(index, true);
		if (index >= this.rows.length - 5) this.more();
		const now = Date.now();
		const running = now - this.#steppedAt < REST_MS;
		this.#steppedAt = now;
		clearTimeout(this.#timer);
		if (this.openNumber && !running) this.open(row.number);
		else if (this.openNumber) this.#timer = setTimeout(() => this.open(row.number), REST_MS);
		else this.#timer = setTimeout(() => prefetchTicket(row.number), running ? REST_MS : 0);
	}

	more(): void {
		const { hasNextPage, isFetchingNextPage, isError } = this.query;
		if (hasNextPage && !isFetchingNextPage && !isError) void this.query.fetchNextPage();
	}
}

export const [getDesk, setDesk] = createContext<Desk>();
