/** How a moment is written. `relative` turns into a date after a week. */
export type TimeLook = 'relative' | 'time' | 'date' | 'datetime';

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
	['minute', 60],
	['hour', 3_600],
	['day', 86_400]
];

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
		return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone }).format(
			at
		);
	if (look === 'datetime')
		return new Intl.DateTimeFormat(locale, {
			dateStyle: 'medium',
			timeStyle: 'short',
			timeZone
		}).format(at);
	const seconds = (at.getTime() - now) / 1000;
	const far = Math.abs(seconds) >= 7 * 86_400;
	if (look === 'date' || far) {
		const year = new Intl.DateTimeFormat('en', { year: 'numeric', timeZone });
		const sameYear = year.format(at) === year.format(now);
		return new Intl.DateTimeFormat(locale, {
			day: 'numeric',
			month: 'short',
			year: look === 'date' || !sameYear ? 'numeric' : undefined,
			timeZone
		}).format(at);
	}
	const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style });
	if (Math.abs(seconds) < 60) return relative.format(0, 'second');
	const [unit, size] = [...steps].reverse().find(([, size]) => Math.abs(seconds) >= size) ?? [
		'minute',
		60
	];
	return relative.format(Math.trunc(seconds / size), unit);
}
