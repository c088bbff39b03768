/** Loads a part that can wait until what is on the page has been drawn (at once where nobody looks). */
export async function afterPaint<T>(load: () => Promise<T>): Promise<T> {
	if (!document.hidden) {
		await new Promise((resolve) => {
			requestAnimationFrame(() => setTimeout(resolve));
			// A page put away before its first frame is not drawn at all.
			setTimeout(resolve, 500);
		});
	}
	return load();
}

/** Lets what waits (a touch, a frame) have its turn. */
export const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));

/** What is around the first page, and then the page, are drawn in frames of their own. */
const FRAMES = 2;

/**
 * Loads a part that nobody misses in the first moment: the first page has the line for itself until it has been drawn,
 * and `quiet` milliseconds more for what it shows.
 */
export async function afterFirstPage<T>(load: () => Promise<T>, quiet = 0): Promise<T> {
	for (let frame = 0; firstPage.shown && frame < FRAMES; frame++) await afterPaint(nextTask);
	if (firstPage.shown && quiet > 0) await new Promise((resolve) => setTimeout(resolve, quiet));
	return afterPaint(load);
}

/** The page one came by is drawn in steps (`Later.svelte`); those one goes to from there are drawn at once. */
export const firstPage = { shown: true };
