import { SvelteSet } from 'svelte/reactivity';
import { userEvent } from 'vitest/browser';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../app.css';
import ListFixture from './fixtures/ListFixture.svelte';
import TableFixture from './fixtures/TableFixture.svelte';
import LoadMore from './LoadMore.svelte';

const rows = [
	{ id: 'a', subject: 'Charged twice', count: 4 },
	{ id: 'b', subject: 'Router drops', count: 12 }
];

test('a table sorts on its headings and says how', async () => {
	const onsort = vi.fn();
	const screen = await render(TableFixture, { rows, onsort });
	const subject = screen.getByRole('columnheader', { name: 'Subject' });
	await expect.element(subject).toHaveAttribute('aria-sort', 'ascending');
	await screen.getByRole('button', { name: 'Subject' }).click();
	expect(onsort).toHaveBeenLastCalledWith({ id: 'subject', direction: 'descending' });
	await screen.getByRole('button', { name: 'Messages' }).click();
	expect(onsort).toHaveBeenLastCalledWith({ id: 'count', direction: 'ascending' });
	await expect.element(subject).not.toHaveAttribute('aria-sort');
});

test('a whole row opens, and rows can be chosen one by one or all', async () => {
	const onopen = vi.fn();
	const selected = new SvelteSet<string>();
	const screen = await render(TableFixture, { rows, onopen, selected });
	await screen.getByRole('row', { name: /Charged twice/ }).click({ position: { x: 700, y: 12 } });
	expect(onopen).toHaveBeenLastCalledWith('a');
	await screen.getByRole('checkbox', { name: 'Select', exact: true }).first().click();
	expect([...selected]).toEqual(['a']);
	expect(onopen).toHaveBeenCalledOnce();
	const all = screen.getByRole('checkbox', { name: 'Select all' });
	await expect.element(all).toBePartiallyChecked();
	await all.click();
	expect(selected.size).toBe(2);
});

test('a narrow table becomes cards and stays a table for screen readers', async () => {
	const screen = await render(TableFixture, { rows, width: '20rem' });
	await expect.element(screen.getByRole('table', { name: 'Tickets' })).toBeVisible();
	await expect.element(screen.getByRole('cell', { name: '12' })).toBeVisible();
	const row = screen.getByRole('row', { name: /Router drops/ }).element();
	expect(getComputedStyle(row).display).toBe('grid');
	expect(row.scrollWidth).toBeLessThanOrEqual(320);
});

test('a table waits with skeletons, then says that there is nothing', async () => {
	const screen = await render(TableFixture, { rows: [], loading: true });
	await expect.element(screen.getByRole('table')).toHaveAttribute('aria-busy', 'true');
	await screen.rerender({ loading: false });
	await expect.element(screen.getByText('No tickets match')).toBeVisible();
});

test('10,000 rows put fewer than 60 into the page, and the end is announced', async () => {
	const onend = vi.fn();
	const screen = await render(ListFixture, { count: 10_000, onend });
	await expect.element(screen.getByText('Row 0', { exact: true })).toBeVisible();
	expect(screen.container.querySelectorAll('li').length).toBeLessThan(60);
	expect(onend).not.toHaveBeenCalled();
	screen.component.reveal(9_999);
	await expect.element(screen.getByText('Row 9999', { exact: true })).toBeVisible();
	expect(screen.container.querySelectorAll('li').length).toBeLessThan(60);
	await vi.waitFor(() => expect(onend).toHaveBeenCalled());
	await expect
		.element(screen.getByText('Row 9999').element().closest('li'))
		.toHaveAttribute('aria-setsize', '10000');
});

test('more loads by itself when in sight, but not again after a failure', async () => {
	const onmore = vi.fn();
	const screen = await render(LoadMore, { more: true, onmore });
	await vi.waitFor(() => expect(onmore).toHaveBeenCalled());
	await screen.rerender({ error: 'We could not load more.' });
	onmore.mockClear();
	await new Promise((done) => setTimeout(done, 100));
	expect(onmore).not.toHaveBeenCalled();
	await expect.element(screen.getByRole('alert')).toHaveTextContent('We could not load more.');
	await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
	expect(onmore).toHaveBeenCalledOnce();
});
