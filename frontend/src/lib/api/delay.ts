/** How long to wait before the next try. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** Full jitter: tabs that lost the same server do not come back in the same moment. */
export function delayBefore(attempt: number, random = Math.random): number {
	const most = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
	return most / 2 + (random() * most) / 2;
}
