import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { keys } from '#lib/api/keys.ts';
import { outbox } from '#lib/api/outbox.ts';
import { queryClient } from '#lib/api/query-client.ts';
import { someone } from '#lib/api/testing.ts';
import type { Entry, MessageEntry, Ticket } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import '../../../app.css';
import ConversationHarness from './ConversationHarness.svelte';

const asha = { id: 'asha', name: 'Asha', avatar: null, role: 'agent' as const };
const ravi = { id: 'ravi', name: 'Ravi', avatar: null, role: 'customer' as const };
const me = someone({ ...ravi, email: 'ravi@example.org' });
const none = {
	reply: true,
	withdraw: false,
	resolve: false,
	confirm: false,
	reopen: false,
	assign: false,
	take: false,
	set_pending: false,
	set_on_hold: false,
	set_open: false,
	rate: false,
	set_priority: false,
	edit_contact: false
};
const ticket = (more: Partial<Ticket> = {}): Ticket => ({
	id: 't1',
	number: 'CCR-1001',
	kind: 'complaint',
	status: 'open',
	priority: 'normal',
	subject: 'Charged twice',
	description: 'It was **wrong**',
	description_html: '<p>It was <strong>wrong</strong></p>',
	service: null,
	customer: { id: 'ravi', name: 'Ravi', avatar: null, online: true },
	assignee: { id: 'asha', name: 'Asha', avatar: null, online: true },
	contact: { name: 'Ravi', email: 'r@example.org', phone: null, preferred_channel: 'email' },
	complaint: null,
	last_seq: 1,
	my_read_seq: 1,
	their_read_seq: 1,
	messages_open: true,
	closed_reason: null,
	reopen_until: null,
	feedback: null,
	can: none,
	created_at: '2026-11-20T10:00:00Z',
	updated_at: '2026-11-20T10:00:00Z',
	resolved_at: null,
	closed_at: null,
	version: 1,
	...more
});

/** What the server has, and how it answers a new message. */
let entries: Entry[];
let refuse: number | undefined;
let readUpTo: number;

function say(by: typeof asha | typeof ravi, body: string, client_id?: string): MessageEntry {
	const seq = entries.length + 1;
	const entry: MessageEntry = {
		type: 'message',
		seq,
		at: new Date(Date.UTC(2026, 10, 20, 10, seq)).toISOString(),
		actor: by,
		id: `m${seq}`,
		side: by.role,
		body,
		body_html: `<p>${body}</p>`,
		redacted: false,
		quoted: null,
		client_id: client_id ?? null
	};
	entries.push(entry);
	return entry;
}

async function answer(request: Request): Promise<Response> {
	const url = new URL(request.url);
	if (url.pathname.endsWith('/timeline')) {
		const limit = Number(url.searchParams.get('limit'));
		const after = url.searchParams.get('after');
		const before = Number(url.searchParams.get('before'));
		const found = entries.filter(({ seq }) =>
			after === null ? seq < before : seq > Number(after)
		);
		const items = after === null ? found.slice(-limit) : found.slice(0, limit);
		return Response.json({
			items,
			last_seq: entries.length,
			more: found.length > limit
		});
	}
	if (url.pathname.endsWith('/read')) {
		readUpTo = ((await request.json()) as { seq: number }).seq;
		return new Response(null, { status: 204 });
	}
	if (url.pathname.endsWith('/messages')) {
		const { body, client_id } = (await request.json()) as { body: string; client_id: string };
		if (refuse) {
			const code = refuse === 409 ? 'conflict' : 'unavailable';
			return Response.json({ status: refuse, code, title: code, detail: '' }, { status: refuse });
		}
		return Response.json(say(ravi, body, client_id), { status: 201 });
	}
	return new Response(null, { status: 204 });
}

beforeEach(() => {
	localStorage.clear();
	queryClient.clear();
	entries = [{ type: 'created', seq: 1, at: '2026-11-20T10:00:00Z', actor: ravi }];
	refuse = undefined;
	readUpTo = 0;
	vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) =>
		answer(new Request(input, init))
	);
	session.adopt({ access_token: 't', expires_in: 900, user: me });
});
afterEach(async () => {
	await session.signOut();
	vi.restoreAllMocks();
});

const box = () => page.getByRole('textbox', { name: 'Message' });
const bubbles = () => [...document.querySelectorAll('li.message')];
const refetch = () => queryClient.invalidateQueries({ queryKey: keys.timelines });

describe('a conversation', () => {
	it('begins with the description and shows what was said, in order', async () => {
		say(asha, 'Good morning');
		say(ravi, 'Hello');
		await render(ConversationHarness, { ticket: ticket() });
		await expect.element(page.getByText('Hello')).toBeVisible();
		expect(bubbles().map((one) => one.querySelector('.body')?.textContent?.trim())).toEqual([
			'It was wrong',
			'Good morning',
			'Hello'
		]);
	});

	it('shows a message at once and only once, however the answer and the live hint meet', async () => {
		await render(ConversationHarness, { ticket: ticket() });
		await box().fill('Is anybody there?');
		await userEvent.keyboard('{Enter}');
		await expect.element(page.getByText('Is anybody there?')).toBeVisible();
		await expect.element(box()).toHaveValue('');
		await refetch();
		await expect.element(page.getByText('Sent', { exact: true })).toBeInTheDocument();
		expect(bubbles()).toHaveLength(2);
		expect(outbox.pending('t1')).toEqual([]);
	});

	it('keeps a draft through a reload', async () => {
		const visit = await render(ConversationHarness, { ticket: ticket() });
		await box().fill('half a sen');
		await visit.unmount();
		await render(ConversationHarness, { ticket: ticket() });
		await expect.element(box()).toHaveValue('half a sen');
	});

	it('keeps the text of a refused message and lets one edit it', async () => {
		refuse = 409;
		await render(ConversationHarness, { ticket: ticket() });
		await box().fill('too late');
		await userEvent.keyboard('{Enter}');
		await expect
			.element(page.getByText('This ticket takes no more messages', { exact: false }))
			.toBeVisible();
		await page.getByRole('button', { name: 'Edit' }).click();
		await expect.element(box()).toHaveValue('too late');
		expect(outbox.pending('t1')).toEqual([]);
	});

	it('waits and sends by itself when the server is back', async () => {
		refuse = 503;
		await render(ConversationHarness, { ticket: ticket() });
		await box().fill('hold on');
		await userEvent.keyboard('{Enter}');
		await expect.element(page.getByText('Waiting to be sent')).toBeVisible();
		refuse = undefined;
		await outbox.flush();
		await expect.element(page.getByText('Sent', { exact: true })).toBeInTheDocument();
		expect(entries.filter(({ type }) => type === 'message')).toHaveLength(1);
	});

	it('says why nothing can be written on a closed ticket, with the draft kept', async () => {
		const first = await render(ConversationHarness, { ticket: ticket() });
		await box().fill('still here');
		await first.unmount();
		await render(ConversationHarness, {
			ticket: ticket({ status: 'closed', messages_open: false, can: { ...none, reply: false } })
		});
		await expect.element(box()).toBeDisabled();
		await expect.element(box()).toHaveValue('still here');
		await expect
			.element(page.getByText('This ticket is closed and takes no more messages.'))
			.toBeVisible();
	});

	it('marks the start of what is unread, reads it when seen, and announces what comes', async () => {
		say(ravi, 'Hello');
		say(asha, 'One');
		await render(ConversationHarness, { ticket: ticket({ my_read_seq: 2 }) });
		await expect.element(page.getByText('New messages')).toBeVisible();
		await vi.waitFor(() => expect(readUpTo).toBe(3), 4000);
		say(asha, 'Two');
		await refetch();
		await expect.element(page.getByText('Asha wrote: Two')).toBeInTheDocument();
		await vi.waitFor(() => expect(readUpTo).toBe(4), 4000);
	});

	it('loads earlier messages without moving what is read, and jumps back', async () => {
		for (let n = 1; n <= 120; n++) say(n % 2 ? asha : ravi, `number ${n}`);
		await render(ConversationHarness, { ticket: ticket({ my_read_seq: 121 }) });
		await expect.element(page.getByText('number 120')).toBeVisible();
		await vi.waitFor(() => expect(bubbles().length).toBeGreaterThan(40));
		const pane = document.querySelector('.scroller') as HTMLElement;
		await vi.waitFor(() =>
			expect(pane.scrollHeight - pane.clientHeight - pane.scrollTop).toBeLessThan(4)
		);
		const before = bubbles().length;
		const first = bubbles()[0] as HTMLElement;
		await new Promise((resolve) => setTimeout(resolve, 100));
		pane.scrollTop = 150;
		const top = () => Math.round(first.getBoundingClientRect().top);
		const was = top();
		await vi.waitFor(() => expect(bubbles().length).toBeGreaterThan(before), 4000);
		expect(Math.abs(top() - was)).toBeLessThan(4);
		await page.getByRole('button', { name: 'Jump to newest' }).click();
		await vi.waitFor(() =>
			expect(pane.scrollHeight - pane.clientHeight - pane.scrollTop).toBeLessThan(4)
		);
	});

	it('shows an admin what happened but not what was said', async () => {
		const hidden = { body: null, body_html: null, redacted: true };
		Object.assign(say(asha, ''), hidden);
		Object.assign(say(ravi, ''), hidden);
		session.update({ ...me, role: 'admin' });
		await render(ConversationHarness, { ticket: ticket(), readonly: true });
		await expect
			.element(page.getByText('2 messages, kept between the customer and the agent'))
			.toBeVisible();
		await expect.element(box()).not.toBeInTheDocument();
		expect(readUpTo).toBe(0);
	});
});
