/** The language of the page. Changing it draws the page anew (drafts are kept), without loading it again. */
import type { Locale } from '#lib/api/types.ts';
import { getLocale, locales, setLocale } from '#lib/paraglide/runtime.js';

/** Each language in its own words. */
export const localeNames: Record<Locale, string> = { en: 'English', ta: 'தமிழ்' };

class LocaleState {
	#current = $state<Locale>(getLocale());

	get current(): Locale {
		return this.#current;
	}

	get all(): readonly Locale[] {
		return locales;
	}

	set(locale: Locale): void {
		if (locale !== getLocale()) void setLocale(locale, { reload: false });
		this.#current = locale;
		this.apply();
	}

	/** Tells the document, and fetches the letters that the shipped font lacks. */
	apply(): void {
		document.documentElement.lang = this.#current;
		if (this.#current === 'ta') void import('@fontsource-variable/noto-sans-tamil');
	}
}

export const locale = new LocaleState();
