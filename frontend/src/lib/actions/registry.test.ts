import { expect, test, vi } from 'vitest';
import { isTyping, showKeys } from './keys.ts';
import { Registry, type Action } from './registry.ts';

const action = (id: string, more: Partial<Action> = {}): Action => ({
	id,
	title: () => id,
	run: vi.fn(),
	...more
});

test('actions exist as long as they are registered', () => {
	const registry = new Registry();
	const leave = registry.register([action('a'), action('b')]);
	expect(registry.all.map(({ id }) => id)).toEqual(['a', 'b']);
	leave();
	expect(registry.all).toEqual([]);
});

test('a later one hides an earlier one with the same id, and gives it back', () => {
	const registry = new Registry();
	const first = action('go');
	const second = action('go');
	registry.register([first]);
	const leave = registry.register([second]);
	registry.run('go');
	expect(second.run).toHaveBeenCalledOnce();
	leave();
	registry.run('go');
	expect(first.run).toHaveBeenCalledOnce();
});

test('what makes no sense now is neither offered nor run', () => {
	const registry = new Registry();
	let open = false;
	const close = action('close', { when: () => open });
	registry.register([close]);
	expect(registry.available).toEqual([]);
	expect(registry.run('close')).toBe(false);
	open = true;
	expect(registry.available).toEqual([close]);
	expect(registry.run('close')).toBe(true);
	expect(registry.run('unknown')).toBe(false);
});

test('a function is asked each time, so that it follows state', () => {
	const registry = new Registry();
	const list = [action('a')];
	registry.register(() => list);
	list.push(action('b'));
	expect(registry.all).toHaveLength(2);
});

test('listeners hear of every change', () => {
	const registry = new Registry();
	const heard = vi.fn();
	const stop = registry.onChange(heard);
	registry.register([])();
	stop();
	registry.register([]);
	expect(heard).toHaveBeenCalledTimes(2);
});

test('keys are shown as they are on the keyboard', () => {
	expect(showKeys('$mod+k')).toBe('Ctrl K');
	expect(showKeys('Shift+?')).toBe('?');
	expect(showKeys('g i')).toBe('G I');
	expect(showKeys('$mod+Enter')).toBe('Ctrl ↵');
});

test('outside a document nobody types', () => {
	expect(isTyping(null)).toBe(false);
});
