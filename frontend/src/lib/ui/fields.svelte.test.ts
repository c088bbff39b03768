import { userEvent } from 'vitest/browser';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../app.css';
import Checkbox from './Checkbox.svelte';
import OtpField from './OtpField.svelte';
import PasswordField from './PasswordField.svelte';
import RadioGroup from './RadioGroup.svelte';
import SearchField from './SearchField.svelte';
import Segmented from './Segmented.svelte';
import StarRating from './StarRating.svelte';
import Switch from './Switch.svelte';
import Textarea from './Textarea.svelte';
import TextField from './TextField.svelte';

test('an error takes the place of the help and is tied to the input', async () => {
	const screen = await render(TextField, { label: 'Email', help: 'Your address' });
	const input = screen.getByRole('textbox', { name: 'Email' });
	await expect.element(input).toHaveAccessibleDescription('Your address');
	await screen.rerender({ error: 'Enter an address' });
	await expect.element(input).toHaveAccessibleDescription('Enter an address');
	await expect.element(input).toHaveAttribute('aria-invalid', 'true');
	await expect.element(screen.getByText('Your address')).not.toBeInTheDocument();
});

test('the counter appears near the end and counts characters, not code units', async () => {
	const screen = await render(TextField, { label: 'Name', maxChars: 10 });
	const input = screen.getByRole('textbox', { name: 'Name' });
	await input.fill('1234567');
	await expect.element(screen.getByText('/ 10')).not.toBeInTheDocument();
	await input.fill('1234567😀');
	await expect.element(screen.getByText('8 / 10')).toBeVisible();
});

test('an optional field says so in its name', async () => {
	const screen = await render(TextField, { label: 'Phone', optional: true });
	await expect.element(screen.getByRole('textbox', { name: 'Phone (optional)' })).toBeVisible();
});

test('the password shows on demand and hides again when its form is sent', async () => {
	const form = document.createElement('form');
	form.addEventListener('submit', (event) => event.preventDefault());
	document.body.append(form);
	const screen = await render(PasswordField, {
		target: form,
		props: { label: 'Password', autocomplete: 'current-password', value: 'secret' }
	});
	const input = screen.getByLabelText('Password', { exact: true });
	await screen.getByRole('button', { name: 'Show password' }).click();
	await expect.element(input).toHaveAttribute('type', 'text');
	form.requestSubmit();
	await expect.element(input).toHaveAttribute('type', 'password');
	form.remove();
});

test('the password warns about Caps Lock', async () => {
	const screen = await render(PasswordField, {
		label: 'Password',
		autocomplete: 'current-password'
	});
	const input = screen.getByLabelText('Password', { exact: true }).element();
	input.dispatchEvent(
		new KeyboardEvent('keydown', { key: 'A', modifierCapsLock: true, bubbles: true })
	);
	await expect.element(screen.getByRole('status')).toHaveTextContent('Caps Lock is on');
	input.dispatchEvent(new KeyboardEvent('keyup', { key: 'CapsLock', bubbles: true }));
	await expect.element(screen.getByRole('status')).not.toHaveTextContent('Caps Lock');
});

test('a pasted code with a space completes once', async () => {
	const oncomplete = vi.fn();
	const screen = await render(OtpField, { label: 'Code', oncomplete });
	const input = screen.getByRole('textbox', { name: 'Code' });
	await input.fill('123 456');
	await expect.element(input).toHaveValue('123456');
	expect(oncomplete).toHaveBeenCalledExactlyOnceWith('123456');
});

test('a typed code takes digits only, stops at six and completes on the last', async () => {
	const oncomplete = vi.fn();
	const screen = await render(OtpField, { label: 'Code', oncomplete });
	const input = screen.getByRole('textbox', { name: 'Code' });
	await userEvent.type(input, '12a34');
	expect(oncomplete).not.toHaveBeenCalled();
	await userEvent.type(input, '5678');
	await expect.element(input).toHaveValue('123456');
	expect(oncomplete).toHaveBeenCalledExactlyOnceWith('123456');
	await expect.element(input).toHaveAttribute('autocomplete', 'one-time-code');
});

test('a text area grows with its text and stops at its limit', async () => {
	const screen = await render(Textarea, { label: 'What went wrong?', rows: 2, maxRows: 6 });
	const area = screen.getByRole('textbox');
	const before = area.element().getBoundingClientRect().height;
	await area.fill('line\n'.repeat(4));
	const grown = area.element().getBoundingClientRect().height;
	expect(grown).toBeGreaterThan(before);
	await area.fill('line\n'.repeat(60));
	expect(area.element().getBoundingClientRect().height).toBeLessThan(grown * 2.5);
});

test('search waits for a pause, and Enter, Escape and the button act at once', async () => {
	const onsearch = vi.fn();
	const screen = await render(SearchField, { label: 'Search', onsearch, delay: 60_000 });
	const input = screen.getByRole('searchbox', { name: 'Search' });
	await input.fill(' router ');
	expect(onsearch).not.toHaveBeenCalled();
	await userEvent.keyboard('{Enter}');
	expect(onsearch).toHaveBeenLastCalledWith('router');
	await userEvent.keyboard('{Escape}');
	expect(onsearch).toHaveBeenLastCalledWith('');
	await input.fill('x');
	await screen.getByRole('button', { name: 'Clear' }).click();
	await expect.element(input).toHaveValue('');
	await expect.element(input).toHaveFocus();
});

test('check boxes and switches report their change', async () => {
	const onchange = vi.fn();
	const check = await render(Checkbox, { label: 'Tell me', onchange });
	await check.getByText('Tell me').click();
	expect(onchange).toHaveBeenLastCalledWith(true);
	const toggle = await render(Switch, {
		label: 'Mail me',
		help: 'Only when away',
		checked: true,
		onchange
	});
	const control = toggle.getByRole('switch', { name: 'Mail me' });
	await expect.element(control).toHaveAccessibleDescription('Only when away');
	await toggle.getByText('Mail me').click();
	expect(onchange).toHaveBeenLastCalledWith(false);
});

const kinds = [
	{ value: 'complaint', label: 'Complaint' },
	{ value: 'question', label: 'Question' },
	{ value: 'request', label: 'Request', disabled: true }
];

test('radio groups and segmented controls move with arrow keys and skip what is off', async () => {
	for (const Control of [RadioGroup, Segmented]) {
		const onchange = vi.fn();
		const screen = await render(Control, {
			label: 'Kind',
			options: kinds,
			value: 'complaint',
			onchange
		});
		await expect.element(screen.getByRole('radiogroup', { name: 'Kind' })).toBeVisible();
		(screen.getByRole('radio', { name: 'Complaint' }).element() as HTMLElement).focus();
		await userEvent.keyboard('{ArrowDown}');
		expect(onchange).toHaveBeenLastCalledWith('question');
		await userEvent.keyboard('{ArrowDown}');
		expect(onchange).toHaveBeenLastCalledWith('complaint');
		screen.unmount();
	}
});

test('stars are radio buttons with words; a given rating is an image with words', async () => {
	const words = ['Very bad', 'Bad', 'All right', 'Good', 'Very good'] as const;
	const onchange = vi.fn();
	const screen = await render(StarRating, { label: 'How did it go?', words, onchange });
	await screen.getByRole('radio', { name: '4, Good' }).click({ force: true });
	expect(onchange).toHaveBeenLastCalledWith(4);
	await expect.element(screen.getByText('Good', { exact: true })).toBeVisible();
	await userEvent.keyboard('{ArrowLeft}');
	expect(onchange).toHaveBeenLastCalledWith(3);
	const given = await render(StarRating, { label: 'Rated', words, value: 2, readonly: true });
	await expect.element(given.getByRole('img', { name: 'Rated: Bad' })).toBeVisible();
});
