import { userEvent } from 'vitest/browser';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../app.css';
import Composer from './Composer.svelte';
import BubbleFixture from './fixtures/BubbleFixture.svelte';

const base = { value: '', label: 'Message', sendLabel: 'Send' };

test('Enter sends the trimmed text, Shift+Enter breaks the line', async () => {
	const onsend = vi.fn();
	const screen = await render(Composer, { ...base, onsend });
	const box = screen.getByRole('textbox', { name: 'Message' });
	await userEvent.type(box, 'one{Shift>}{Enter}{/Shift}two ');
	expect(onsend).not.toHaveBeenCalled();
	await userEvent.keyboard('{Enter}');
	expect(onsend).toHaveBeenCalledExactlyOnceWith('one\ntwo');
	await expect.element(box).toHaveFocus();
});

test('Enter while composing a character sends nothing', async () => {
	const onsend = vi.fn();
	const screen = await render(Composer, { ...base, value: 'த', onsend });
	screen
		.getByRole('textbox')
		.element()
		.dispatchEvent(
			new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true })
		);
	expect(onsend).not.toHaveBeenCalled();
});

test('agents send with the modifier only', async () => {
	const onsend = vi.fn();
	const screen = await render(Composer, { ...base, sendOn: 'mod-enter', onsend });
	await userEvent.type(screen.getByRole('textbox'), 'hello{Enter}');
	expect(onsend).not.toHaveBeenCalled();
	await userEvent.keyboard('{Control>}{Enter}{/Control}');
	expect(onsend).toHaveBeenCalledExactlyOnceWith('hello');
});

test('nothing empty, too long or already on its way is sent', async () => {
	const onsend = vi.fn();
	const screen = await render(Composer, { ...base, maxChars: 5, onsend });
	const send = screen.getByRole('button', { name: 'Send' });
	await expect.element(send).toBeDisabled();
	await screen.getByRole('textbox').fill('123456');
	await expect.element(send).toBeDisabled();
	await expect.element(screen.getByText('6 / 5')).toBeVisible();
	await screen.getByRole('textbox').fill('12345');
	await expect.element(send).toBeEnabled();
	await screen.rerender({ sending: true });
	await userEvent.keyboard('{Enter}');
	expect(onsend).not.toHaveBeenCalled();
});

test('an error keeps the text; Escape drops the quote', async () => {
	const onremove = vi.fn();
	const screen = await render(Composer, {
		...base,
		value: 'kept',
		onsend: vi.fn(),
		error: 'It is safe here.',
		quoted: { author: 'Asha', excerpt: 'Could you…', removeLabel: 'Do not quote', onremove }
	});
	await expect.element(screen.getByRole('alert')).toHaveTextContent('It is safe here.');
	await expect.element(screen.getByRole('textbox')).toHaveValue('kept');
	await screen.getByRole('textbox').click();
	await userEvent.keyboard('{Escape}');
	expect(onremove).toHaveBeenCalledOnce();
});

test('a bubble says who wrote it and how the sending stands', async () => {
	const screen = await render(BubbleFixture, {
		text: 'Hello',
		side: 'mine',
		author: 'You',
		state: 'queued',
		stateLabel: 'Waiting for connection'
	});
	const item = screen.getByRole('listitem');
	expect(item.element().textContent).toMatch(/You.*Hello.*Waiting for connection/s);
	await expect.element(screen.getByText('Waiting for connection')).toBeVisible();
	await screen.rerender({ state: 'read', stateLabel: 'Read' });
	await vi.waitFor(() => expect(item.element().textContent).toMatch(/Read/));
});

test('a quote leads to the quoted message', async () => {
	const onopen = vi.fn();
	const screen = await render(BubbleFixture, {
		text: 'Here it is',
		side: 'theirs',
		author: 'Asha',
		quoted: { author: 'Ravi', excerpt: 'When?', onopen }
	});
	await screen.getByRole('button', { name: /Ravi/ }).click();
	expect(onopen).toHaveBeenCalledOnce();
});
