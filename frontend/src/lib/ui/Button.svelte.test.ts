import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../app.css';
import Fixture from './fixtures/ButtonFixture.svelte';

test('a press calls onclick', async () => {
	const onclick = vi.fn();
	const screen = await render(Fixture, { text: 'Send', onclick });
	await screen.getByRole('button', { name: 'Send' }).click();
	expect(onclick).toHaveBeenCalledOnce();
});

test('while loading it keeps its name and width, says busy and refuses presses', async () => {
	const onclick = vi.fn();
	const screen = await render(Fixture, { text: 'Send', onclick });
	const button = screen.getByRole('button', { name: 'Send' });
	const width = button.element().getBoundingClientRect().width;
	await screen.rerender({ loading: true });
	await expect.element(button).toHaveAttribute('aria-busy', 'true');
	(button.element() as HTMLButtonElement).click();
	expect(onclick).not.toHaveBeenCalled();
	expect(button.element().getBoundingClientRect().width).toBeCloseTo(width, 0);
});

test('a loading submit button does not send its form again', async () => {
	const screen = await render(Fixture, { text: 'Send', type: 'submit', loading: true });
	const form = document.createElement('form');
	const sent = vi.fn((event: Event) => event.preventDefault());
	form.addEventListener('submit', sent);
	const button = screen.getByRole('button').element() as HTMLButtonElement;
	button.replaceWith(form);
	form.append(button);
	button.click();
	expect(sent).not.toHaveBeenCalled();
});

test('with href it is a link; disabled it is none', async () => {
	const screen = await render(Fixture, { text: 'Help', href: '/help' });
	await expect.element(screen.getByRole('link', { name: 'Help' })).toHaveAttribute('href', '/help');
	await screen.rerender({ disabled: true });
	await expect.element(screen.getByRole('button', { name: 'Help' })).toBeDisabled();
});

test('roomy targets are 48 px high, compact ones smaller', async () => {
	const screen = await render(Fixture, { text: 'Go' });
	const button = screen.getByRole('button').element();
	expect(button.getBoundingClientRect().height).toBeGreaterThanOrEqual(48);
	screen.container.dataset.density = 'compact';
	expect(button.getBoundingClientRect().height).toBeLessThan(48);
});
