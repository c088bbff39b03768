/** Light, dark, or what the device says. static/theme.js applies the choice before the first paint. */
import { store } from '#lib/api/store.ts';

export type Theme = 'light' | 'dark' | 'system';

const KEY = 'care_theme';

class ThemeState {
	#current = $state<Theme>('system');

	constructor() {
		const saved = store.get(KEY);
		if (saved === 'light' || saved === 'dark') this.#current = saved;
		globalThis.addEventListener?.('storage', (event) => {
			if ((event as StorageEvent).key === KEY)
				this.#apply((event as StorageEvent).newValue as Theme);
		});
	}

	get current(): Theme {
		return this.#current;
	}

	set current(theme: Theme) {
		if (theme === 'system') store.remove(KEY);
		else store.set(KEY, theme);
		this.#apply(theme);
	}

	#apply(theme: Theme | null): void {
		this.#current = theme ?? 'system';
		document.documentElement.dataset.theme = this.#current;
	}
}

export const theme = new ThemeState();
