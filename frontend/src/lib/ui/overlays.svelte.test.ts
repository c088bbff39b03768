import { userEvent } from 'vitest/browser';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../app.css';
import Combobox from './Combobox.svelte';
import Fixture from './fixtures/OverlayFixture.svelte';
import Select from './Select.svelte';

const open = async (name: string, required = false) => {
	const onpick = vi.fn();
	const screen = await render(Fixture, { onpick, required });
	const opener = screen.getByRole('button', { name });
	await opener.click();
	return { screen, opener, onpick };
};

test('a dialog is named, holds focus, closes on Escape and gives focus back', async () => {
	const { screen, opener, onpick } = await open('Open dialog');
	const dialog = screen.getByRole('dialog', { name: 'Really?' });
	await expect.element(dialog).toHaveAccessibleDescription('It cannot be undone.');
	await expect.element(dialog.getByLabelText('Reason')).toHaveFocus();
	for (let press = 0; press < 6; press++) {
		await userEvent.tab();
		expect(dialog.element().contains(document.activeElement)).toBe(true);
	}
	await userEvent.keyboard('{Escape}');
	await expect.element(dialog).not.toBeInTheDocument();
	await expect.element(opener).toHaveFocus();
	expect(onpick).toHaveBeenCalledWith('closed');
});

test('a required dialog stays until it is answered', async () => {
	const { screen } = await open('Open dialog', true);
	const dialog = screen.getByRole('dialog');
	await userEvent.keyboard('{Escape}');
	await expect.element(dialog).toBeVisible();
	await expect.element(dialog.getByRole('button', { name: 'Close' })).not.toBeInTheDocument();
	await dialog.getByRole('button', { name: 'Yes' }).click();
	await expect.element(dialog).not.toBeInTheDocument();
});

test('a long sheet scrolls by keyboard and gives focus back', async () => {
	const { screen, opener } = await open('Open sheet');
	const sheet = screen.getByRole('dialog', { name: 'Filters' });
	await expect.element(sheet).toBeVisible();
	await vi.waitFor(() =>
		expect(sheet.element().querySelector('.ui-panel-body')).toHaveProperty('tabIndex', 0)
	);
	await sheet.getByRole('button', { name: 'Close' }).click();
	await expect.element(sheet).not.toBeInTheDocument();
	await expect.element(opener).toHaveFocus();
});

test('a menu opens by key, moves with arrows, skips what is off and runs the item', async () => {
	const onpick = vi.fn();
	const screen = await render(Fixture, { onpick });
	const opener = screen.getByRole('button', { name: 'Open menu' });
	(opener.element() as HTMLElement).focus();
	await userEvent.keyboard('{Enter}');
	const menu = screen.getByRole('menu', { name: 'Actions' });
	await expect.element(menu).toBeVisible();
	await expect.element(menu.getByRole('menuitem', { name: 'Alpha' })).toHaveFocus();
	await userEvent.keyboard('{ArrowDown}{ArrowDown}');
	await expect.element(menu.getByRole('menuitem', { name: 'Alpha' })).toHaveFocus();
	await userEvent.keyboard('{ArrowDown}{Enter}');
	expect(onpick).toHaveBeenCalledExactlyOnceWith('beta');
	await expect.element(opener).toHaveFocus();
});

test('a popover closes itself and gives focus back', async () => {
	const { screen, opener } = await open('Open popover');
	await screen.getByRole('dialog', { name: 'Why' }).getByRole('button', { name: 'Got it' }).click();
	await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
	await expect.element(opener).toHaveFocus();
});

test('a tooltip shows on keyboard focus and describes its button', async () => {
	const screen = await render(Fixture, { onpick: vi.fn() });
	(screen.getByRole('button', { name: 'Open popover' }).element() as HTMLElement).focus();
	await userEvent.tab();
	await expect.element(screen.getByText('More words')).toBeVisible();
	await expect
		.element(screen.getByRole('button', { name: 'Has tooltip' }))
		.toHaveAccessibleDescription('More words');
});

test('the palette finds by keyword, runs the choice and says when nothing matches', async () => {
	const { screen, onpick } = await open('Open palette');
	const input = screen.getByRole('combobox', { name: 'Commands' });
	await expect.element(input).toHaveFocus();
	await input.fill('zzzz');
	await expect.element(screen.getByText('No such command')).toBeVisible();
	await input.fill('raise');
	await expect.element(screen.getByRole('option', { name: 'New ticket' })).toBeVisible();
	await expect
		.element(screen.getByRole('option', { name: 'Switch theme' }))
		.not.toBeInTheDocument();
	await userEvent.keyboard('{Enter}');
	expect(onpick).toHaveBeenCalledExactlyOnceWith('new');
	await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
});

const services = [
	{ value: 'card', label: 'Cards', help: 'Credit and debit' },
	{ value: 'loan', label: 'Loans' },
	{ value: 'net', label: 'Internet', disabled: true }
];

test('a select is named by its label and value and chosen by keyboard', async () => {
	const onchange = vi.fn();
	const screen = await render(Select, {
		label: 'Service',
		options: services,
		placeholder: 'Choose one',
		onchange
	});
	const box = screen.getByRole('combobox', { name: 'Service Choose one' });
	(box.element() as HTMLElement).focus();
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByRole('option', { name: 'Loans' })).toBeVisible();
	await userEvent.keyboard('{ArrowDown}{Enter}');
	expect(onchange).toHaveBeenCalledExactlyOnceWith('loan');
	await expect.element(screen.getByRole('combobox', { name: 'Service Loans' })).toHaveFocus();
});

test('a combobox filters what it has, and forgets the words when closed', async () => {
	const onchange = vi.fn();
	const screen = await render(Combobox, {
		label: 'Service',
		options: services,
		onchange,
		emptyText: 'No such service'
	});
	const input = screen.getByRole('combobox', { name: 'Service' });
	await input.fill('credit');
	await expect.element(screen.getByRole('option', { name: /Cards/ })).toBeVisible();
	await expect.element(screen.getByRole('option', { name: 'Loans' })).not.toBeInTheDocument();
	await input.fill('nothing like it');
	await expect.element(screen.getByText('No such service')).toBeVisible();
	await input.fill('loa');
	await screen.getByRole('option', { name: 'Loans' }).click();
	expect(onchange).toHaveBeenLastCalledWith('loan');
	await expect.element(input).toHaveValue('Loans');
});

test('a remote combobox asks and shows what comes back', async () => {
	const onsearch = vi.fn();
	const screen = await render(Combobox, {
		label: 'Customer',
		options: [],
		onsearch,
		loading: true
	});
	await screen.getByRole('combobox').fill('rav');
	expect(onsearch).toHaveBeenLastCalledWith('rav');
	await expect.element(screen.getByText('Loading')).toBeVisible();
	await screen.rerender({
		loading: false,
		options: [{ value: '1', label: 'Someone else entirely' }]
	});
	await expect.element(screen.getByRole('option', { name: 'Someone else entirely' })).toBeVisible();
});
