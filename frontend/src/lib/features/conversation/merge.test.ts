import { describe, expect, it } from 'vitest';
import type { Pending } from '#lib/api/outbox.ts';
import type { Entry, MessageEntry } from '#lib/api/types.ts';
import { excerptOf } from './excerpt.ts';
import {
	hasUnread,
	mergeConversation,
	newestTheirs,
	type Item,
	type MessageItem
} from './merge.ts';

const asha = { id: 'asha', name: 'Asha', avatar: null, role: 'agent' as const };
const ravi = { id: 'ravi', name: 'Ravi', avatar: null, role: 'customer' as const };
const viewer = { id: 'ravi', name: 'Ravi', side: 'customer' as const };
const at = (minute: number, day = 21) =>
	new Date(Date.UTC(2026, 10, day, 10, minute)).toISOString();

const message = (
	seq: number,
	by: typeof asha | typeof ravi,
	more: Partial<MessageEntry> = {}
): MessageEntry => ({
	type: 'message',
	seq,
	at: at(seq),
	actor: by,
	id: `id-${seq}`,
	side: by.role === 'agent' ? 'agent' : 'customer',
	body: `text ${seq}`,
	body_html: `<p>text ${seq}</p>`,
	redacted: false,
	quoted: null,
	client_id: null,
	...more
});

const resolved = (seq: number): Entry => ({
	type: 'status_changed',
	seq,
	at: at(seq),
	actor: asha,
	from: 'open',
	to: 'resolved',
	reason: null
});

const waiting = (key: string, more: Partial<Pending> = {}): Pending => ({
	key,
	ticketId: 't',
	body: `waiting ${key}`,
	quoted: null,
	writtenAt: at(50),
	state: 'queued',
	...more
});

const merge = (entries: Entry[], more: Partial<Parameters<typeof mergeConversation>[0]> = {}) =>
	mergeConversation({
		entries,
		pending: [],
		viewer,
		theirReadSeq: 0,
		dayOf: (when) => when.slice(0, 10),
		...more
	});

const messages = (items: Item[]) =>
	items.filter((item): item is MessageItem => item.type === 'message');
const shape = (items: Item[]) =>
	items.map((item) => (item.type === 'message' ? (item.seq ?? item.key) : item.type));

describe('mergeConversation', () => {
	it('keeps the numbered order, and puts what waits in this browser last', () => {
		const items = merge([message(2, ravi), resolved(3), message(4, asha)], {
			pending: [waiting('a'), waiting('b')]
		});
		expect(shape(items)).toEqual(['day', 2, 'event', 4, 'message:a', 'message:b']);
	});

	it('shows a message once when the server has it and the outbox still has it too', () => {
		const pending = [waiting('a', { state: 'sending' }), waiting('b')];
		const before = merge([], { pending });
		const after = merge([message(2, ravi, { client_id: 'a' })], { pending });
		expect(messages(after).map((item) => item.key)).toEqual(['message:a', 'message:b']);
		// The same key before and after: the bubble stays where it is.
		expect(messages(before)[0]?.key).toBe(messages(after)[0]?.key);
	});

	it('skips an entry that a page repeats', () => {
		expect(shape(merge([message(2, ravi), message(2, ravi), message(3, asha)]))).toEqual([
			'day',
			2,
			3
		]);
	});

	it('never doubles, loses or reorders, whatever has been acknowledged so far', () => {
		const keys = ['a', 'b', 'c', 'd', 'e'];
		for (let sent = 0; sent <= keys.length; sent++) {
			for (let removed = 0; removed <= sent; removed++) {
				const entries = keys
					.slice(0, sent)
					.map((key, i) => message(i + 2, ravi, { client_id: key }));
				const items = merge(entries, { pending: keys.slice(removed).map((key) => waiting(key)) });
				expect(messages(items).map((item) => item.key)).toEqual(
					keys.map((key) => `message:${key}`)
				);
			}
		}
	});

	it('draws a line for each day, and not for an older device clock', () => {
		const items = merge([message(2, ravi, { at: at(0, 20) }), message(3, asha)], {
			pending: [waiting('a', { writtenAt: at(0, 19) })]
		});
		expect(shape(items)).toEqual(['day', 2, 'day', 3, 'message:a']);
	});

	it('joins quick messages of one person into a run with one foot', () => {
		const items = messages(
			merge([message(2, asha), message(3, asha), message(20, asha), message(21, ravi)])
		);
		expect(items.map((item) => item.continued)).toEqual([false, true, false, false]);
		expect(items.map((item) => item.last)).toEqual([false, true, true, true]);
	});

	it('breaks a run at an event and at a quote', () => {
		const quoted = { id: 'id-2', seq: 2, author_name: 'Ravi', excerpt: 'text 2' };
		const items = messages(
			merge([message(2, asha), resolved(3), message(4, asha), message(5, asha, { quoted })])
		);
		expect(items.map((item) => item.continued)).toEqual([false, false, false]);
		expect(items[2]?.quoted).toEqual({ seq: 2, author: 'Ravi', excerpt: 'text 2' });
	});

	it('marks own messages as sent or read, and keeps both feet where that differs', () => {
		const items = messages(merge([message(2, ravi), message(3, ravi)], { theirReadSeq: 2 }));
		expect(items.map((item) => item.state)).toEqual(['read', 'sent']);
		expect(items.map((item) => item.last)).toEqual([true, true]);
		expect(messages(merge([message(2, asha)]))[0]?.state).toBeUndefined();
	});

	it('starts the unread ones below a line, once, before the other side', () => {
		const entries = [message(2, asha), message(3, ravi), message(4, asha), message(5, asha)];
		expect(shape(merge(entries, { unreadAfter: 2 }))).toEqual(['day', 2, 3, 'unread', 4, 5]);
		expect(shape(merge(entries, { unreadAfter: 5 }))).toEqual(['day', 2, 3, 4, 5]);
		expect(hasUnread(entries, 'customer', 3)).toBe(true);
		expect(hasUnread(entries, 'customer', 5)).toBe(false);
	});

	it('begins with the description when the start is loaded', () => {
		const opening = { author: ravi, at: at(0), body: 'it broke', html: '<p>it broke</p>' };
		const created: Entry = { type: 'created', seq: 1, at: at(0), actor: ravi };
		const items = merge([created, message(2, ravi)], { opening });
		expect(shape(items)).toEqual(['day', 'opening', 2]);
		expect(messages(items)[0]).toMatchObject({ side: 'mine', opening: true, continued: false });
		expect(
			messages(merge([created], { opening, viewer: { ...asha, side: 'agent' } }))[0]?.side
		).toBe('theirs');
	});

	it('gathers messages an admin may not read into one line', () => {
		const hidden = (seq: number) =>
			message(seq, asha, { redacted: true, body: null, body_html: null });
		const items = merge([hidden(2), hidden(3), resolved(4), hidden(5)]);
		expect(shape(items)).toEqual(['day', 'hidden', 'event', 'hidden']);
		expect(items[1]).toMatchObject({ count: 2 });
	});

	it("puts a colleague's message on the agents' side without calling it one's own", () => {
		const meena = { id: 'meena', name: 'Meena', side: 'agent' as const };
		const item = messages(merge([message(2, asha)], { viewer: meena }))[0];
		expect(item).toMatchObject({ side: 'mine', own: false, author: 'Asha' });
	});

	it('finds the newest message of the other side', () => {
		const items = merge([message(2, asha), message(3, asha), message(4, ravi)]);
		expect(newestTheirs(items)?.seq).toBe(3);
		expect(newestTheirs(merge([message(4, ravi)]))).toBeUndefined();
	});
});

describe('excerptOf', () => {
	it('leaves out Markdown marks and line breaks', () => {
		expect(excerptOf('# Hello\n\n- **bold** and `code`\n> [a link](https://example.org)')).toBe(
			'Hello bold and code a link'
		);
	});

	it('cuts long text between letters, not inside them', () => {
		const text = excerptOf('😀'.repeat(300));
		expect([...text]).toHaveLength(140);
		expect(text.endsWith('😀…')).toBe(true);
	});
});
