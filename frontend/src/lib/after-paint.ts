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
