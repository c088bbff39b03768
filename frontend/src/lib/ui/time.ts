/** How a moment is written. `relative` turns into a date after a week. */
export type TimeLook = 'relative' | 'time' | 'date' | 'datetime';

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
	['minute', 60],
	['hour', 3_600],
	['day', 86_400]
];

/** A format takes a phone milliseconds to make, and lists ask for the same few again and again. */
const formats = new Map<string, Intl.DateTimeFormat>();
function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = JSON.stringify([locale, options]);
	const made = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
	formats.set(key, made);
	return made;
}
const relatives = new Map<string, Intl.RelativeTimeFormat>();
function relativeFormat(locale: string, style: 'narrow' | 'long'): Intl.RelativeTimeFormat {
	const key = `${locale} ${style}`;
	const made =
		relatives.get(key) ?? new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style });
	relatives.set(key, made);
	return made;
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
		return format(locale, { hour: 'numeric', minute: '2-digit', timeZone }).format(at);
	if (look === 'datetime')
		return format(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
	const seconds = (at.getTime() - now) / 1000;
	const far = Math.abs(seconds) >= 7 * 86_400;
	if (look === 'date' || far) {
		const year = format('en', { year: 'numeric', timeZone });
		const sameYear = year.format(at) === year.format(now);
		return format(locale, {
			day: 'numeric',
			month: 'short',
			year: look === 'date' || !sameYear ? 'numeric' : undefined,
			timeZone
		}).format(at);
	}
	const relative = relativeFormat(locale, style);
	if (Math.abs(seconds) < 60) return relative.format(0, 'second');
	const [unit, size] = [...steps].reverse().find(([, size]) => Math.abs(seconds) >= size) ?? [
		'minute',
		60
	];
	return relative.format(Math.trunc(seconds / size), unit);
}
