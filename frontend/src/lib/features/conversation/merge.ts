/**
 * A conversation as it is drawn: what the server has numbered, then what is still waiting in this browser, with
 * day lines, runs of messages by one person and the line where the unread ones start. Pure, so that the order
 * and "each message once" can be tested without a page.
 */
import type { Pending } from '#lib/api/outbox.ts';
import type { Entry, MessageEntry } from '#lib/api/types.ts';

export type Side = MessageEntry['side'];

/** Who looks at it. An admin looks from the agents' side. */
export interface Viewer {
	id: string;
	name: string;
	side: Side;
}

export interface Quote {
	/** The message's place in the timeline. */
	seq: number;
	author: string;
	excerpt: string;
}

export interface MessageItem {
	type: 'message';
	/** The same before and after the server has acknowledged it, so that nothing jumps. */
	key: string;
	/** The message's id; undefined while it waits here. */
	id?: string;
	/** Its place in the timeline; undefined while it waits here. */
	seq?: number;
	side: 'mine' | 'theirs';
	author: string;
	/** The author's; see `Avatar`. */
	picture?: string | null;
	/** Written by the viewer in person (another agent's message is on the viewer's side too). */
	own: boolean;
	at: string;
	/** Plain text, as it was typed. */
	body: string;
	/** Rendered and sanitised by the server. */
	html?: string;
	quoted?: Quote;
	state?: 'sending' | 'queued' | 'failed' | 'sent' | 'read';
	/** Follows a message by the same person closely. */
	continued: boolean;
	/** Ends a run: time and state are shown here. */
	last: boolean;
	/** What waits in the outbox. */
	pending?: Pending;
	/** The ticket's own description. */
	opening?: boolean;
}

export type EventEntry = Exclude<Entry, MessageEntry | { type: 'created' }>;

export type Item =
	| MessageItem
	| { type: 'day'; key: string; at: string }
	| { type: 'unread'; key: string }
	| { type: 'event'; key: string; at: string; entry: EventEntry }
	/** Messages the viewer may not read (admins). */
	| { type: 'hidden'; key: string; at: string; count: number };

interface Author {
	id: string;
	name: string;
	avatar: string | null;
}

export interface MergeInput {
	entries: readonly Entry[];
	pending: readonly Pending[];
	viewer: Viewer;
	/** The description as the first message, when the start of the timeline is loaded. */
	opening?: { author: Author; at: string; body: string; html: string };
	/** Puts the unread line before the first message of the other side after this number. */
	unreadAfter?: number;
	/** How far the other side has read. */
	theirReadSeq: number;
	/** The calendar day of a moment where the person is: "2026-11-21". */
	dayOf: (at: string) => string;
}

const RUN_MS = 5 * 60_000;

export function mergeConversation(input: MergeInput): Item[] {
	const { entries, pending, viewer, opening, dayOf } = input;
	const items: Item[] = [];
	let day = '';
	let run: { item: MessageItem; who: string } | undefined;
	let unreadAfter = input.unreadAfter;

	function startDay(at: string): void {
		const next = dayOf(at);
		// A device clock that is behind must not put an older day under a newer one.
		if (next <= day) return;
		day = next;
		run = undefined;
		items.push({ type: 'day', key: `day:${next}`, at });
	}

	function push(item: Omit<MessageItem, 'continued' | 'last' | 'type'>, who: string): void {
		startDay(item.at);
		const before = run?.who === who ? run.item : undefined;
		const gap = before ? Date.parse(item.at) - Date.parse(before.at) : Infinity;
		const continued = !item.quoted && gap < RUN_MS;
		if (before && continued && !before.opening) {
			// One foot for the run, unless the state differs ("read" above, "sent" below).
			if (before.state === item.state) before.last = false;
		}
		const full: MessageItem = {
			...item,
			type: 'message',
			continued: continued && !before?.opening,
			last: true
		};
		run = { item: full, who };
		items.push(full);
	}

	if (opening) {
		const mine = viewer.side === 'customer';
		push(
			{
				key: 'opening',
				side: mine ? 'mine' : 'theirs',
				author: opening.author.name,
				picture: opening.author.avatar,
				own: opening.author.id === viewer.id,
				at: opening.at,
				body: opening.body,
				html: opening.html,
				opening: true
			},
			opening.author.id
		);
	}

	const acknowledged = new Set<string>();
	let before = -Infinity;
	for (const entry of entries) {
		// The cache merges by number already; a page that repeats one must still not be seen.
		if (entry.seq <= before) continue;
		before = entry.seq;
		if (entry.type === 'created') continue;
		if (entry.type !== 'message') {
			startDay(entry.at);
			run = undefined;
			items.push({ type: 'event', key: `event:${entry.seq}`, at: entry.at, entry });
			continue;
		}
		if (entry.client_id) acknowledged.add(entry.client_id);
		if (entry.redacted) {
			startDay(entry.at);
			run = undefined;
			const last = items.at(-1);
			if (last?.type === 'hidden') last.count += 1;
			else items.push({ type: 'hidden', key: `hidden:${entry.seq}`, at: entry.at, count: 1 });
			continue;
		}
		const side = entry.side === viewer.side ? 'mine' : 'theirs';
		if (unreadAfter !== undefined && side === 'theirs' && entry.seq > unreadAfter) {
			startDay(entry.at);
			run = undefined;
			items.push({ type: 'unread', key: `unread:${unreadAfter}` });
			unreadAfter = undefined;
		}
		push(
			{
				key: `message:${entry.client_id ?? entry.id}`,
				id: entry.id,
				seq: entry.seq,
				side,
				author: entry.actor?.name ?? '',
				picture: entry.actor?.avatar,
				own: entry.actor?.id === viewer.id,
				at: entry.at,
				body: entry.body ?? '',
				html: entry.body_html ?? undefined,
				quoted: entry.quoted
					? {
							seq: entry.quoted.seq,
							author: entry.quoted.author_name,
							excerpt: entry.quoted.excerpt ?? ''
						}
					: undefined,
				state: side === 'mine' ? (entry.seq <= input.theirReadSeq ? 'read' : 'sent') : undefined
			},
			entry.actor?.id ?? entry.side
		);
	}

	for (const message of pending) {
		if (acknowledged.has(message.key)) continue;
		const { quoted } = message;
		push(
			{
				key: `message:${message.key}`,
				side: 'mine',
				author: viewer.name,
				own: true,
				at: message.writtenAt,
				body: message.body,
				quoted: quoted
					? { seq: quoted.seq, author: quoted.author_name, excerpt: quoted.excerpt }
					: undefined,
				state: message.state,
				pending: message
			},
			viewer.id
		);
	}
	return items;
}

/** The newest message by the other side, to be announced. */
export const newestTheirs = (items: readonly Item[]): MessageItem | undefined =>
	items.findLast(
		(item): item is MessageItem =>
			item.type === 'message' && item.side === 'theirs' && !item.opening
	);

/** Where reading goes on: the first message of the other side after `seq`. */
export const hasUnread = (entries: readonly Entry[], side: Side, seq: number): boolean =>
	entries.some((entry) => entry.type === 'message' && entry.side !== side && entry.seq > seq);
