/** Does the same to many things, one after the other, and keeps an account of what came of each. */

export interface Failure<T> {
	item: T;
	error: unknown;
}

export interface Outcome<T, R> {
	done: { item: T; result: R }[];
	failed: Failure<T>[];
	/** Never tried: it was stopped before their turn. */
	left: T[];
}

interface Options<T> {
	/** After each one: how many are finished, well or not. */
	onprogress?: (finished: number, of: number) => void;
	/** Asked before each one. */
	stopped?: () => boolean;
	/** An error that the rest would meet too (offline, signed out): they are not tried. */
	hopeless?: (error: unknown, item: T) => boolean;
}

export async function inTurn<T, R>(
	items: readonly T[],
	work: (item: T) => Promise<R>,
	{ onprogress, stopped, hopeless }: Options<T> = {}
): Promise<Outcome<T, R>> {
	const outcome: Outcome<T, R> = { done: [], failed: [], left: [] };
	for (const [index, item] of items.entries()) {
		if (stopped?.()) {
			outcome.left = items.slice(index);
			break;
		}
		try {
			outcome.done.push({ item, result: await work(item) });
		} catch (error) {
			outcome.failed.push({ item, error });
			if (hopeless?.(error, item)) {
				outcome.left = items.slice(index + 1);
				break;
			}
		}
		onprogress?.(index + 1, items.length);
	}
	return outcome;
}
