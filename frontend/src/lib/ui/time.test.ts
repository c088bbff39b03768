import { expect, test } from 'vitest';
import { writeTime } from './time.ts';
import { writeWait } from './wait.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000);
const relative = (seconds: number, locale = 'en') =>
	writeTime(ago(seconds), 'relative', now, locale, 'UTC', 'long');

test('recent moments are relative', () => {
	expect(relative(5)).toBe('now');
	expect(relative(90)).toBe('1 minute ago');
	expect(relative(7_200)).toBe('2 hours ago');
	expect(relative(86_400)).toBe('yesterday');
	expect(relative(6 * 86_400)).toBe('6 days ago');
	expect(relative(-7_300)).toBe('in 2 hours');
});

test('after a week it is a date, with the year only when it differs', () => {
	expect(relative(8 * 86_400)).toBe('Nov 13');
	expect(relative(400 * 86_400)).toBe('Oct 17, 2025');
});

test('clock times and dates follow language and zone', () => {
	const at = new Date('2026-03-01T20:30:00Z');
	expect(writeTime(at, 'time', now, 'en-GB', 'Asia/Kolkata')).toBe('2:00');
	expect(writeTime(at, 'date', now, 'en-GB', 'Asia/Kolkata')).toBe('2 Mar 2026');
	expect(writeTime(at, 'relative', now, 'ta', 'UTC')).toMatch(/மார்/);
});

test('the year is compared in the zone of the reader', () => {
	const newYear = Date.parse('2027-01-20T00:00:00Z');
	expect(
		writeTime(new Date('2026-12-31T20:00:00Z'), 'relative', newYear, 'en', 'Asia/Kolkata')
	).toBe('Jan 1');
});

test('a broken time writes nothing', () => {
	expect(writeTime(new Date('nonsense'), 'datetime', now, 'en', 'UTC')).toBe('');
});

test('a wait is never said to be shorter than it is', () => {
	const waits = [0.4, 1, 120, 120.5, 7_200, 7_201, 86_400];
	expect(waits.map((seconds) => writeWait(seconds, 'en'))).toEqual([
		'in 1 second',
		'in 1 second',
		'in 120 seconds',
		'in 3 minutes',
		'in 120 minutes',
		'in 3 hours',
		'in 24 hours'
	]);
	expect(writeWait(10_800, 'ta')).toBe('3 மணிநேரத்தில்');
});
