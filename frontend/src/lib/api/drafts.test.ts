import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { session } from '#lib/auth/session.svelte.ts';
import { hasGuestDraft } from './draft-places.ts';
import { clearDraft, readDraft, writeDraft } from './drafts.svelte.ts';
import { useFakeStorage } from './testing.ts';
import type { Me } from './types.ts';

const as = (id: string | null) => (session.user = id === null ? null : ({ id } as Me));

beforeEach(() => {
	vi.useFakeTimers();
	useFakeStorage();
	as(null);
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

test('what was written is there again', () => {
	as('u1');
	writeDraft('message:t1', 'half a sent');
	expect(readDraft('message:t1')).toBe('half a sent');
	clearDraft('message:t1');
	expect(readDraft('message:t1')).toBeUndefined();
});

test('a draft survives signing out and in, and nobody else sees it', () => {
	as('u1');
	writeDraft('message:t1', 'mine');
	as(null);
	expect(readDraft('message:t1')).toBeUndefined();
	as('u2');
	expect(readDraft('message:t1')).toBeUndefined();
	as('u1');
	expect(readDraft('message:t1')).toBe('mine');
});

test("a visitor's draft goes to who signs in, once", () => {
	writeDraft('new-ticket', { description: 'twice charged' });
	expect(hasGuestDraft('new-ticket')).toBe(true);
	as('u1');
	expect(readDraft('new-ticket')).toEqual({ description: 'twice charged' });
	expect(hasGuestDraft('new-ticket')).toBe(false);
	as('u2');
	expect(readDraft('new-ticket')).toBeUndefined();
});

test('the newer of two drafts is taken', () => {
	writeDraft('new-ticket', 'old, as a visitor');
	vi.advanceTimersByTime(1000);
	as('u1');
	writeDraft('new-ticket', 'newer, signed in');
	expect(readDraft('new-ticket')).toBe('newer, signed in');
});

test("a visitor's blank draft does not replace what somebody wrote", () => {
	const blank = (value: string) => value.trim() === '';
	as('u1');
	writeDraft('new-ticket', 'written at length');
	as(null);
	vi.advanceTimersByTime(1000);
	writeDraft('new-ticket', ' ');
	as('u1');
	expect(readDraft('new-ticket', blank)).toBe('written at length');
	as('u2');
	expect(readDraft('new-ticket', blank)).toBe(' ');
});

test('a forgotten draft of a visitor is gone after a week', () => {
	writeDraft('new-ticket', 'left behind');
	vi.advanceTimersByTime(8 * 86_400_000);
	expect(readDraft('new-ticket')).toBeUndefined();
});

test('something unreadable is no draft', () => {
	localStorage.setItem('care_draft:guest:new-ticket', '{broken');
	expect(readDraft('new-ticket')).toBeUndefined();
});
