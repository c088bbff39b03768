import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Toasts } from './toast.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a toast leaves after its time, one with an action later', () => {
	const toasts = new Toasts();
	toasts.success('Saved');
	toasts.undo('Assigned', 'Undo', vi.fn());
	vi.advanceTimersByTime(6_000);
	expect(toasts.items.map((toast) => toast.text)).toEqual(['Assigned']);
	vi.advanceTimersByTime(4_000);
	expect(toasts.items).toEqual([]);
});

test('an undoable change becomes final when the toast leaves, not when it is undone', () => {
	const toasts = new Toasts();
	const final = vi.fn();
	const first = toasts.undo('Assigned', 'Undo', vi.fn(), final);
	toasts.dismiss(first, true);
	expect(final).not.toHaveBeenCalled();
	toasts.undo('Assigned', 'Undo', vi.fn(), final);
	vi.advanceTimersByTime(10_000);
	expect(final).toHaveBeenCalledOnce();
});

test('the clock stops while the person reads and goes on afterwards', () => {
	const toasts = new Toasts();
	toasts.show({ text: 'Read me', duration: 5_000 });
	vi.advanceTimersByTime(4_000);
	toasts.hold();
	vi.advanceTimersByTime(60_000);
	expect(toasts.items).toHaveLength(1);
	toasts.resume();
	vi.advanceTimersByTime(1_500);
	expect(toasts.items).toEqual([]);
});

test('a toast that comes while the others are held waits for them', () => {
	const toasts = new Toasts();
	toasts.hold();
	toasts.show({ text: 'Late', duration: 2_000 });
	vi.advanceTimersByTime(10_000);
	expect(toasts.items).toHaveLength(1);
	toasts.resume();
	vi.advanceTimersByTime(2_000);
	expect(toasts.items).toEqual([]);
});

test('the same id replaces, and at most four are shown', () => {
	const toasts = new Toasts();
	toasts.show({ id: 'net', text: 'Offline' });
	toasts.show({ id: 'net', text: 'Back online' });
	expect(toasts.items.map((toast) => toast.text)).toEqual(['Back online']);
	for (const text of ['a', 'b', 'c', 'd']) toasts.show({ text });
	expect(toasts.items.map((toast) => toast.text)).toEqual(['a', 'b', 'c', 'd']);
});
