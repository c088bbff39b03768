import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { holdKeys, pressHeldKeys } from './early.ts';

const heard: string[] = [];
const listen = (event: KeyboardEvent) => {
	heard.push(event.key);
	if (event.key === '/') document.querySelector('input')?.focus();
};

afterEach(() => {
	window.removeEventListener('keydown', listen);
	document.body.innerHTML = '';
	heard.length = 0;
});

test('keys that come too early are pressed again, once', async () => {
	document.body.innerHTML = '<button>One</button><button>Two</button>';
	document.querySelector('button')?.focus();
	const stop = holdKeys();
	await userEvent.keyboard('gu{Tab}{Shift>}?{/Shift}');
	window.addEventListener('keydown', listen);
	pressHeldKeys();
	expect(heard).toEqual(['g', 'u', '?']);
	await userEvent.keyboard('e');
	pressHeldKeys();
	expect(heard).toEqual(['g', 'u', '?', 'e']);
	stop();
});

test('what is typed into a field is left alone, and none goes on as a shortcut after a way into one', async () => {
	document.body.innerHTML = '<input aria-label="Search" />';
	const input = document.querySelector('input') as HTMLInputElement;
	const stop = holdKeys();
	input.focus();
	await userEvent.keyboard('he');
	expect(input.value).toBe('he');
	input.blur();
	await userEvent.keyboard('/he');
	window.addEventListener('keydown', listen);
	pressHeldKeys();
	expect(heard).toEqual(['/']);
	stop();
});
