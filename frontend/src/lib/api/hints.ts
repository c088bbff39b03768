/**
 * What a live event means for the cache. Events carry no content: they only say what to fetch again,
 * and what is not on screen is merely marked stale.
 */
import type { QueryClient } from '@tanstack/svelte-query';
import { keys } from './keys.ts';
import type { Timeline } from './queries/timeline.ts';
import type { Ticket } from './types.ts';

export interface Hint {
	kind:
		| 'ticket.created'
		| 'ticket.changed'
		| 'ticket.assigned'
		| 'message.posted'
		| 'message.read'
		| 'feedback.given'
		| 'presence.changed'
		| 'service.changed'
		| 'user.changed';
	ticket_id: string | null;
	seq: number | null;
	version: number | null;
}

const GATHER_MS = 200;

/** Gathers bursts: a hundred hints in a moment are one refetch of each thing on screen. */
export class HintSink {
	#client: QueryClient;
	#onUserChanged: () => void;
	#due = new Map<string, () => void>();
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(client: QueryClient, onUserChanged: () => void) {
		this.#client = client;
		this.#onUserChanged = onUserChanged;
	}

	take(hint: Hint): void {
		switch (hint.kind) {
			case 'ticket.created':
				this.#lists();
				break;
			case 'ticket.changed':
			case 'ticket.assigned':
				this.#ticket(hint);
				this.#lists();
				this.#stale(keys.people);
				break;
			case 'message.posted':
				this.#ticket(hint);
				this.#lists();
				break;
			case 'message.read':
				this.#ticket(hint, false);
				break;
			case 'feedback.given':
				this.#ticket(hint);
				this.#stale(keys.feedbackLists);
				this.#stale(keys.dashboards);
				break;
			case 'presence.changed':
				this.#stale(keys.ticketOnes);
				this.#stale(keys.people);
				break;
			case 'service.changed':
				this.#stale(keys.services);
				break;
			case 'user.changed':
				this.#stale(keys.people);
				this.#stale(keys.me);
				this.#later('me', this.#onUserChanged);
				break;
		}
	}

	/** After a (re)connection anything may have been missed. */
	resync(): void {
		this.#stale(keys.tickets);
		this.#stale(keys.people);
		this.#stale(keys.feedbackLists);
		this.#stale(keys.dashboards);
	}

	#lists(): void {
		this.#stale(keys.ticketLists);
		this.#stale(keys.ticketCounts);
		this.#stale(keys.dashboards);
	}

	#ticket({ ticket_id: id, seq, version }: Hint, timelineToo = true): void {
		if (!id) return;
		for (const [key, ticket] of this.#client.getQueriesData<Ticket>({
			queryKey: keys.ticketOnes
		})) {
			const ref = String(key[2]);
			if (ref !== id && ticket?.id !== id) continue;
			// Our own change, already answered: nothing new to fetch.
			if (version === null || !ticket || ticket.version < version || !timelineToo)
				this.#stale(keys.ticket(ref));
			if (timelineToo) this.#timeline(ref, seq);
		}
		if (timelineToo) this.#timeline(id, seq);
	}

	#timeline(ref: string, seq: number | null): void {
		const known = this.#client.getQueryData<Timeline>(keys.timeline(ref));
		if (!known || seq === null || known.upTo < seq) this.#stale(keys.timeline(ref));
	}

	#stale(queryKey: readonly unknown[]): void {
		this.#later(JSON.stringify(queryKey), () => {
			void this.#client.invalidateQueries({ queryKey });
		});
	}

	#later(name: string, work: () => void): void {
		this.#due.set(name, work);
		this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
	}

	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		// What a change shows as a guess stays until it is answered: what is fetched meanwhile may be from before it.
		if (this.#client.isMutating() > 0) {
			this.#timer = setTimeout(() => this.flush(), GATHER_MS);
			return;
		}
		const due = [...this.#due.values()];
		this.#due.clear();
		for (const work of due) work();
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#due.clear();
	}
}
