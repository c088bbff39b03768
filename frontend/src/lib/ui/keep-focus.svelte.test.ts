import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepFocus } from './keep-focus.ts';

let part: HTMLElement;
let stop: () => void;
const find = (selector: string) => document.querySelector(selector) as HTMLElement;

beforeEach(() => {
	document.body.innerHTML = `
		<section><h2>Telephone</h2><button id="gone">Remove</button><button id="stays">Change</button></section>
		<div role="dialog"><button id="yes">Yes</button></div>
		<button id="outside">Elsewhere</button>`;
	part = find('section');
	stop = keepFocus(part);
});
afterEach(() => {
	stop();
	document.body.innerHTML = '';
});

test('a button that goes away leaves the focus at the heading', async () => {
	find('#gone').focus();
	find('#gone').remove();
	await vi.waitFor(() => expect(document.activeElement).toBe(find('h2')));
});

test('so does one that opened a dialog and is gone when that closes', async () => {
	find('#gone').focus();
	find('#yes').focus();
	find('#gone').remove();
	await Promise.resolve();
	expect(document.activeElement).toBe(find('#yes'));
	find('[role="dialog"]').remove();
	await vi.waitFor(() => expect(document.activeElement).toBe(find('h2')));
});

test('whoever is elsewhere stays there', async () => {
	find('#gone').focus();
	find('#outside').focus();
	find('#gone').remove();
	find('#outside').remove();
	await new Promise((resolve) => requestAnimationFrame(resolve));
	expect(document.activeElement).toBe(document.body);
});
