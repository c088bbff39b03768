/** localStorage that cannot throw: when it is blocked or full, this tab still remembers. */
const memory = new Map<string, string>();

function local(): Storage | undefined {
	try {
		return globalThis.localStorage;
	} catch {
		return undefined;
	}
}

export const store = {
	get(key: string): string | null {
		if (memory.has(key)) return memory.get(key) ?? null;
		try {
			return local()?.getItem(key) ?? null;
		} catch {
			return null;
		}
	},

	set(key: string, value: string): void {
		try {
			const storage = local();
			if (!storage) throw new Error('no storage');
			storage.setItem(key, value);
			memory.delete(key);
		} catch {
			memory.set(key, value);
		}
	},

	remove(key: string): void {
		memory.delete(key);
		try {
			local()?.removeItem(key);
		} catch {
			// Blocked storage holds nothing.
		}
	},

	/** Every key that starts with `prefix`, sorted. */
	keys(prefix: string): string[] {
		const found = new Set<string>();
		for (const key of memory.keys()) if (key.startsWith(prefix)) found.add(key);
		try {
			const storage = local();
			for (let index = 0; index < (storage?.length ?? 0); index++) {
				const key = storage?.key(index);
				if (key?.startsWith(prefix)) found.add(key);
			}
		} catch {
			// Blocked storage holds nothing.
		}
		return [...found].sort();
	}
};

export function readJson<T>(key: string): T | undefined {
	const text = store.get(key);
	if (text === null) return undefined;
	try {
		return JSON.parse(text) as T;
	} catch {
		store.remove(key);
		return undefined;
	}
}

export const writeJson = (key: string, value: unknown): void =>
	store.set(key, JSON.stringify(value));
