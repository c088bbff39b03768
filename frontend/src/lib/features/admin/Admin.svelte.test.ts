import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { queryClient } from '#lib/api/query-client.ts';
import { someone } from '#lib/api/testing.ts';
import type { Agent, Entry, Service, Ticket, TicketSummary } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { toasts } from '#lib/ui/toast.svelte.ts';
import '../../../app.css';
import AdminHarness from './AdminHarness.svelte';

const grace = someone({ id: 'grace', role: 'admin', name: 'Grace', email: 'grace@example.org' });
const agent = (id: string, name: string, more: Partial<Agent> = {}): Agent => ({
	id,
	name,
	email: `${id}@example.org`,
	avatar: null,
	disabled: false,
	invitation: 'accepted',
	open_tickets: 3,
	resolved_tickets: 0,
	average_rating: null,
	online: true,
	last_seen_at: null,
	created_at: '2026-01-01T00:00:00Z',
	version: 1,
	...more
});
const nothing = {
	reply: false,
	withdraw: false,
	resolve: false,
	confirm: false,
	reopen: false,
	assign: true,
	take: false,
	set_pending: false,
	set_on_hold: false,
	set_open: false,
	rate: false,
	set_priority: true,
	edit_contact: false
};
const row = (n: number, more: Partial<TicketSummary> = {}): TicketSummary => ({
	id: `t${n}`,
	number: `CCR-100${n}`,
	kind: 'complaint',
	status: 'open',
	priority: 'normal',
	subject: `Subject ${n}`,
	service: null,
	customer: { id: 'maya', name: 'Maya', avatar: null },
	assignee: null,
	last_seq: 1,
	my_read_seq: 0,
	unread: false,
	last_message: null,
	created_at: '2026-11-20T10:00:00Z',
	updated_at: '2026-11-20T10:00:00Z',
	version: 1,
	...more
});
const whole = (summary: TicketSummary): Ticket => {
	const { assignee, customer, ...rest } = summary;
	return {
		...rest,
		description: '',
		description_html: '',
		customer: { ...customer, online: false },
		assignee: assignee && { ...assignee, online: false },
		contact: { name: 'Maya', email: 'm@example.org', phone: null, preferred_channel: 'email' },
		complaint: null,
		their_read_seq: 0,
		messages_open: true,
		closed_reason: null,
		reopen_until: null,
		feedback: null,
		can: nothing,
		resolved_at: null,
		closed_at: null
	};
};
const service = (id: string, position: number): Service => ({
	id,
	name: `Service ${id}`,
	description: '',
	icon: 'other',
	position,
	retired_at: null,
	version: 1,
	created_at: '2026-01-01T00:00:00Z',
	updated_at: '2026-01-01T00:00:00Z'
});

/** What the server has. */
let tickets: Map<string, Ticket>;
let entries: Entry[];
/** Whom nobody can be given to, by ticket. */
let refused: Set<string>;
let assigned: { id: string; to: string | null; version: string | null }[];
let orders: string[][];
const agents = [
	agent('ravi', 'Ravi'),
	agent('elena', 'Elena', { open_tickets: 1 }),
	agent('gone', 'Gone', { disabled: true })
];

const problem = (status: number, code: string) =>
	Response.json({ status, code, title: code, detail: '', errors: [] }, { status });

async function answer(request: Request): Promise<Response> {
	const { pathname } = new URL(request.url);
	const [, ref = '', action] = /\/tickets\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
	if (pathname.endsWith('/agents')) return Response.json({ items: agents, next: null });
	if (pathname.endsWith('/services/order')) {
		orders.push(((await request.json()) as { ids: string[] }).ids);
		return Response.json({ items: [] });
	}
	if (action === 'timeline')
		return Response.json({ items: entries, last_seq: entries.length, more: false });
	const ticket = [...tickets.values()].find(({ id, number }) => id === ref || number === ref);
	if (!ticket) return Response.json({ items: [], next: null });
	if (action !== 'assign') return Response.json(ticket);
	const to = ((await request.json()) as { assignee_id: string | null }).assignee_id;
	const version = request.headers.get('if-match');
	assigned.push({ id: ticket.id, to, version });
	if (version && version !== `"${ticket.version}"`) return problem(412, 'stale_version');
	if (refused.has(ticket.id)) return problem(409, 'illegal_move');
	const who = agents.find(({ id }) => id === to);
	const now = {
		...ticket,
		version: ticket.version + 1,
		assignee: who ? { id: who.id, name: who.name, avatar: null, online: true } : null
	};
	tickets.set(now.id, now);
	return Response.json(now);
}

const put = (...rows: TicketSummary[]) => {
	for (const one of rows) tickets.set(one.id, whole(one));
	return rows;
};
const change = (id: string, more: Partial<Ticket>) => {
	const old = tickets.get(id);
	if (old) tickets.set(id, { ...old, version: old.version + 1, ...more });
};
const holder = (id: string) => tickets.get(id)?.assignee?.id ?? null;

beforeEach(() => {
	localStorage.clear();
	queryClient.clear();
	toasts.items = [];
	tickets = new Map();
	entries = [];
	refused = new Set();
	assigned = [];
	orders = [];
	vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) =>
		answer(new Request(input, init))
	);
	session.adopt({ access_token: 't', expires_in: 900, user: grace });
});
afterEach(async () => {
	await session.signOut();
	vi.restoreAllMocks();
});

const choose = async (button: string, name: string) => {
	await page.getByRole('button', { name: button, exact: true }).click();
	await page.getByRole('combobox', { name: 'Search agents' }).fill(name);
	await expect.element(page.getByRole('option', { name: new RegExp(name) })).toBeVisible();
	await userEvent.keyboard('{Enter}');
};

describe('a ticket in its sheet', () => {
	it('says who wrote when and why the words are not there', async () => {
		put(row(1));
		const message = (seq: number): Entry => ({
			type: 'message',
			seq,
			at: '2026-11-20T10:00:00Z',
			actor: { id: 'maya', name: 'Maya', avatar: null, role: 'customer' },
			id: `m${seq}`,
			side: 'customer',
			body: null,
			body_html: null,
			redacted: true,
			quoted: null,
			client_id: null
		});
		entries = [message(1), message(2)];
		await render(AdminHarness, { sheet: 'CCR-1001' });
		await expect.element(page.getByText('Maya wrote 2 messages')).toBeVisible();
		await expect
			.element(
				page.getByText('The conversation belongs to the customer and the agent.', { exact: false })
			)
			.toBeVisible();
	});

	it('is assigned by keyboard alone, and given back by undo', async () => {
		put(row(1, { assignee: { id: 'ravi', name: 'Ravi', avatar: null } }));
		await render(AdminHarness, { sheet: 'CCR-1001' });
		await choose('Reassign', 'Elena');
		await expect.element(page.getByText('CCR-1001 is with Elena now')).toBeVisible();
		expect(holder('t1')).toBe('elena');
		await page.getByRole('button', { name: 'Undo', exact: true }).click();
		await expect.element(page.getByText('CCR-1001 is back with Ravi')).toBeVisible();
		expect(holder('t1')).toBe('ravi');
	});

	it('offers only agents who can take it, who has least to do first', async () => {
		put(row(1));
		await render(AdminHarness, { sheet: 'CCR-1001' });
		await page.getByRole('button', { name: 'Assign', exact: true }).click();
		await expect.element(page.getByRole('option', { name: /Ravi/ })).toBeVisible();
		const names = [...document.querySelectorAll('[role="option"] .name')].map(
			(one) => one.textContent
		);
		expect(names).toEqual(['Elena', 'Ravi']);
	});

	it('is not held up by a message that came in between', async () => {
		put(row(1));
		await render(AdminHarness, { sheet: 'CCR-1001' });
		await expect.element(page.getByRole('button', { name: 'Assign', exact: true })).toBeVisible();
		change('t1', { last_seq: 2 });
		await choose('Assign', 'Elena');
		await expect.element(page.getByText('CCR-1001 is with Elena now')).toBeVisible();
		expect(assigned.map(({ version }) => version)).toEqual(['"1"', '"2"']);
	});

	it('stays with whoever was quicker, unless asked twice', async () => {
		put(row(1));
		await render(AdminHarness, { sheet: 'CCR-1001' });
		await expect.element(page.getByRole('button', { name: 'Assign', exact: true })).toBeVisible();
		change('t1', { assignee: { id: 'ravi', name: 'Ravi', avatar: null, online: true } });
		await choose('Assign', 'Elena');
		await expect
			.element(page.getByText('CCR-1001: it went to Ravi a moment ago', { exact: false }))
			.toBeVisible();
		expect(holder('t1')).toBe('ravi');
		await page.getByRole('button', { name: 'Assign anyway' }).click();
		await expect.element(page.getByText('CCR-1001 is with Elena now')).toBeVisible();
		expect(holder('t1')).toBe('elena');
	});
});

describe('many tickets at once', () => {
	it('are one act with one undo', async () => {
		const chosen = put(
			row(1, { assignee: { id: 'ravi', name: 'Ravi', avatar: null } }),
			row(2),
			row(3)
		);
		await render(AdminHarness, { chosen });
		await choose('Assign selected', 'Elena');
		await expect.element(page.getByText('3 tickets are with Elena now')).toBeVisible();
		expect([1, 2, 3].map((n) => holder(`t${n}`))).toEqual(['elena', 'elena', 'elena']);
		await page.getByRole('button', { name: 'Undo', exact: true }).click();
		await expect.element(page.getByText('3 tickets are back where they were')).toBeVisible();
		expect([1, 2, 3].map((n) => holder(`t${n}`))).toEqual(['ravi', null, null]);
	});

	it('tell what could not be done; only that is tried again', async () => {
		const chosen = put(row(1), row(2), row(3));
		refused.add('t2');
		await render(AdminHarness, { chosen });
		await choose('Assign selected', 'Elena');
		await expect.element(page.getByText('2 done, 1 not')).toBeVisible();
		await expect
			.element(page.getByText('CCR-1002: it is closed or withdrawn and stays as it is.'))
			.toBeVisible();
		refused.clear();
		assigned = [];
		await page.getByRole('button', { name: 'Try again' }).click();
		// All that was asked for, the first try included.
		await expect.element(page.getByText('3 tickets are with Elena now')).toBeVisible();
		expect(assigned.map(({ id }) => id)).toEqual(['t2']);
	});

	it('leave closed ones as they are', async () => {
		const chosen = put(row(1), row(2, { status: 'closed' }));
		await render(AdminHarness, { chosen });
		await expect
			.element(page.getByText('1 closed or withdrawn ticket stays as it is'))
			.toBeVisible();
		await choose('Assign selected', 'Elena');
		await expect.element(page.getByText('1 ticket is with Elena now')).toBeVisible();
		expect(assigned.map(({ id }) => id)).toEqual(['t1']);
	});
});

describe('the order of services', () => {
	it('is changed by keyboard, saved once, and told to screen readers', async () => {
		// On phones the arrows are in a menu.
		await page.viewport(1280, 800);
		await render(AdminHarness, { services: ['a', 'b', 'c'].map(service) });
		const down = page.getByRole('button', { name: 'Move Service a down' });
		await down.click();
		await expect.element(page.getByText('Service a is at place 2 of 3')).toBeInTheDocument();
		expect(document.activeElement).toBe(down.element());
		await userEvent.keyboard('{Enter}');
		await expect.element(page.getByText('Service a is at place 3 of 3')).toBeInTheDocument();
		expect(document.activeElement).toBe(
			page.getByRole('button', { name: 'Move Service a up' }).element()
		);
		await expect.element(page.getByText('The new order is saved')).toBeVisible();
		expect(orders).toEqual([['b', 'c', 'a']]);
	});
});
