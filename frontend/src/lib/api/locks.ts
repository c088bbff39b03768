/** Runs `work` while no other tab of this browser runs work under the same name. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
	if (typeof navigator !== 'undefined' && navigator.locks) {
		// The DOM types lose the promise the callback returns.
		return (await navigator.locks.request(name, work)) as T;
	}
	return withLocalLock(name, work);
}

const tails = new Map<string, Promise<unknown>>();

/** Web locks need https or localhost; elsewhere one tab at least queues behind itself. */
function withLocalLock<T>(name: string, work: () => Promise<T>): Promise<T> {
	const before = tails.get(name) ?? Promise.resolve();
	const result = before.then(work, work);
	const tail = result.catch(() => undefined);
	tails.set(name, tail);
	void tail.then(() => {
		if (tails.get(name) === tail) tails.delete(name);
	});
	return result;
}
