/**
 * The language of the page. Messages follow it by themselves; changing it loads nothing anew but the words and
 * letters that are missing.
 */
import { store } from '#lib/api/store.ts';
import type { Locale } from '#lib/api/types.ts';
import { locales, overwriteGetLocale } from '#lib/paraglide/runtime.js';

/** Each language in its own words. */
export const localeNames: Record<Locale, string> = { en: 'English', ta: 'தமிழ்' };

/** static/theme.js reads the same place before the first paint. */
const KEY = 'PARAGLIDE_LOCALE';

const known = (tag: string | null | undefined): Locale | undefined =>
	locales.find((one) => one === tag?.toLowerCase().split('-')[0]);

function preferred(): Locale {
	for (const tag of [store.get(KEY), ...(globalThis.navigator?.languages ?? [])]) {
		const locale = known(tag);
		if (locale) return locale;
	}
	return 'en';
}

class LocaleState {
	#current = $state<Locale>('en');
	#desk = false;

	constructor() {
		overwriteGetLocale(() => this.#current);
	}

	get current(): Locale {
		return this.#current;
	}

	get all(): readonly Locale[] {
		return locales;
	}

	/** Before the first page: the language chosen earlier, or the device's. */
	start(): Promise<void> {
		return this.#show(preferred());
	}

	set(locale: Locale): Promise<void> {
		store.set(KEY, locale);
		return this.#show(locale);
	}

	/** The words of agents and admins are wanted too. */
	async needDesk(): Promise<void> {
		this.#desk = true;
		await this.#load(this.#current);
	}

	async #show(locale: Locale): Promise<void> {
		if (locale !== this.#current) await this.#load(locale);
		this.#current = locale;
		document.documentElement.lang = locale;
	}

	/** Without a connection the page stays readable: missing words appear in English. */
	async #load(locale: Locale): Promise<void> {
		if (locale !== 'ta') return;
		await Promise.allSettled([
			import('virtual:care/ta'),
			this.#desk && import('virtual:care/ta-desk'),
			import('@fontsource-variable/noto-sans-tamil')
		]);
	}
}

export const locale = new LocaleState();
