/** How a moment is written. `relative` turns into a date after a week. */
export type TimeLook = 'relative' | 'time' | 'date' | 'datetime';

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
	['minute', 60],
	['hour', 3_600],
	['day', 86_400]
];

/** A format takes a phone milliseconds to make, and lists ask for the same few again and again. */
function kept<Format, Options>(
	make: (locale: string, options: Options) => Format
): (locale: string, options: Options) => Format {
	const formats = new Map<string, Format>();
	return (locale, options) => {
		const key = JSON.stringify([locale, options]);
		const made = formats.get(key) ?? make(locale, options);
		formats.set(key, made);
		return made;
	};
}

/** Dates and times. A zone this browser does not know is as good as none. */
export const dateTimeFormat = kept((locale, options: Intl.DateTimeFormatOptions) => {
	try {
		return new Intl.DateTimeFormat(locale, options);
	} catch {
		return new Intl.DateTimeFormat(locale, { ...options, timeZone: undefined });
	}
});
export const numberFormat = kept(
	(locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options)
);
const relativeFormat = kept(
	(locale, options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(locale, options)
);

/** The farthest that a zone is from UTC, in ms. */
const FARTHEST = 14 * 3_600_000;

function sameYear(at: number, now: number, timeZone: string | undefined): boolean {
	const [first, last] = at < now ? [at, now] : [now, at];
	const from = new Date(first - FARTHEST).getUTCFullYear();
	// Mostly no zone can tell the years apart, and a format is not needed.
	if (from === new Date(last + FARTHEST).getUTCFullYear()) return true;
	const year = dateTimeFormat('en', { year: 'numeric', timeZone });
	return year.format(at) === year.format(now);
}

/** Makes the formats of the moments in lists, so that the first list does not wait for them. */
export function readyTimes(locale: string, timeZone: string | undefined): void {
	const now = Date.now();
	for (const days of [1, 8]) {
		writeTime(new Date(now - days * 86_400_000), 'relative', now, locale, timeZone);
	}
}

/** Writes a moment for people, in their language and zone. */
export function writeTime(
	at: Date,
	look: TimeLook,
	now: number,
	locale: string,
	timeZone: string | undefined,
	style: 'narrow' | 'long' = 'narrow'
): string {
	if (Number.isNaN(at.getTime())) return '';
	if (look === 'time')
		return dateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone }).format(at);
	if (look === 'datetime')
		return dateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
	const seconds = (at.getTime() - now) / 1000;
	const far = Math.abs(seconds) >= 7 * 86_400;
	if (look === 'date' || far) {
		return dateTimeFormat(locale, {
			day: 'numeric',
			month: 'short',
			year: look === 'date' || !sameYear(at.getTime(), now, timeZone) ? 'numeric' : undefined,
			timeZone
		}).format(at);
	}
	const relative = relativeFormat(locale, { numeric: 'auto', style });
	if (Math.abs(seconds) < 60) return relative.format(0, 'second');
	const [unit, size] = [...steps].reverse().find(([, size]) => Math.abs(seconds) >= size) ?? [
		'minute',
		60
	];
	return relative.format(Math.trunc(seconds / size), unit);
}
