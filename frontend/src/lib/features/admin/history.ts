/** A ticket's timeline as an admin sees it: what happened and who wrote when, never what was written. */
import type { Entry, EntryOf } from '#lib/api/types.ts';
import type { EventEntry } from '#lib/features/conversation/merge.ts';

export type HistoryRow =
	| { type: 'created'; seq: number; at: string; entry: EntryOf<'created'> }
	| { type: 'event'; seq: number; at: string; entry: EventEntry }
	/** Messages of one person with nothing between them. */
	| {
			type: 'messages';
			seq: number;
			/** The first and the last of them. */
			at: string;
			until: string;
			count: number;
			side: 'customer' | 'agent';
			name: string;
	  };

export interface HistoryDay {
	day: string;
	rows: HistoryRow[];
}

/** Newest day first, newest row first: where the ticket stands now is on top. */
export function historyDays(
	entries: readonly Entry[],
	dayOf: (at: string) => string
): HistoryDay[] {
	const days: HistoryDay[] = [];
	for (const entry of entries) {
		const day = dayOf(entry.at);
		let last = days.at(-1);
		if (last?.day !== day) days.push((last = { day, rows: [] }));
		const before = last.rows.at(-1);
		if (entry.type === 'message') {
			const name = entry.actor?.name ?? '';
			if (before?.type === 'messages' && before.side === entry.side && before.name === name) {
				before.count += 1;
				before.until = entry.at;
				continue;
			}
			const { seq, at, side } = entry;
			last.rows.push({ type: 'messages', seq, at, until: at, count: 1, side, name });
		} else if (entry.type === 'created') {
			last.rows.push({ type: 'created', seq: entry.seq, at: entry.at, entry });
		} else last.rows.push({ type: 'event', seq: entry.seq, at: entry.at, entry });
	}
	for (const { rows } of days) rows.reverse();
	return days.reverse();
}
