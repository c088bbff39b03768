/** How long to wait: "in 40 seconds", "in 3 hours"; never shorter than it is. Seldom said, and by the sign-in page too: small. */
export function writeWait(seconds: number, locale: string): string {
	const format = new Intl.RelativeTimeFormat(locale);
	if (seconds <= 120) return format.format(Math.ceil(seconds), 'second');
	if (seconds <= 7_200) return format.format(Math.ceil(seconds / 60), 'minute');
	return format.format(Math.ceil(seconds / 3_600), 'hour');
}
