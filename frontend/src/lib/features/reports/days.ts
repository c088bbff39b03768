import { locale } from '#lib/i18n/locale.svelte.ts';
import { dateTimeFormat } from '#lib/ui/time.ts';

/** "21 Nov", for an axis. A calendar date ("2026-11-21") belongs to no time zone. */
export const shortDay = (day: string): string =>
	dateTimeFormat(locale.current, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
		new Date(`${day}T00:00:00Z`)
	);
