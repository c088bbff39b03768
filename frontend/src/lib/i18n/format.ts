/** Dates, times and numbers in the person's language and time zone. */
import { m } from '#lib/paraglide/messages.js';
import { dateTimeFormat, numberFormat } from '#lib/ui/time.ts';
import { locale } from './locale.svelte.ts';
import { timeZone } from './ui-strings.ts';

const DAY = 86_400_000;

const dateFormat = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
	dateTimeFormat(locale.current, { timeZone: timeZone(), ...options });

const asDate = (at: string | number | Date) => (at instanceof Date ? at : new Date(at));

/** "21 Nov 2026" */
export const formatDate = (at: string | number | Date): string =>
	dateFormat({ dateStyle: 'medium' }).format(asDate(at));

/** "21 Nov 2026, 17:05" */
export const formatDateTime = (at: string | number | Date): string =>
	dateFormat({ dateStyle: 'medium', timeStyle: 'short' }).format(asDate(at));

/** "17:05" */
export const formatTime = (at: string | number | Date): string =>
	dateFormat({ timeStyle: 'short' }).format(asDate(at));

/** A calendar date ("2026-11-21") that belongs to no time zone. */
export const formatDay = (day: string): string =>
	dateFormat({ dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));

/** The calendar day of a moment where the person is, as "2026-11-21": for grouping by day. */
export const dayOf = (at: string | number | Date): string =>
	dateTimeFormat('en-CA', { dateStyle: 'short', timeZone: timeZone() }).format(asDate(at));

/** "Today", "Yesterday" or the date. */
export function formatDayName(at: string | number | Date, now = Date.now()): string {
	const day = dayOf(at);
	if (day === dayOf(now)) return m.common_today();
	if (day === dayOf(now - DAY)) return m.common_yesterday();
	return formatDate(at);
}

/** "1,234" */
export const formatNumber = (value: number, options: Intl.NumberFormatOptions = {}): string =>
	numberFormat(locale.current, options).format(value);

/** "12%" from 0.12 */
export const formatPercent = (ratio: number): string =>
	formatNumber(ratio, { style: 'percent', maximumFractionDigits: 0 });
