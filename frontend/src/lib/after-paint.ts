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

/**
 * Loads a part that nobody misses in the first moment: on the first page when that has been drawn and what it shows has
 * had the line for itself, later after the next frame.
 */
export async function afterFirstPage<T>(load: () => Promise<T>): Promise<T> {
	if (!firstPage.shown) return afterPaint(load);
	await new Promise((resolve) => setTimeout(resolve, 1000));
	return load();
}

/** The page one came by is drawn in steps (`Later.svelte`); those one goes to from there are drawn at once. */
export const firstPage = { shown: true };
