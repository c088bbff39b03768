import { getContext, setContext } from 'svelte';

/** Words that many components need. The root layout hands them down once, in the person's language. */
export interface UiStrings {
	/** BCP 47 tag for dates and numbers. */
	locale: string;
	/** IANA zone; the browser's own when empty. */
	timeZone?: string;
	close: string;
	clear: string;
	loading: string;
	optional: string;
	retry: string;
	showPassword: string;
	capsLock: string;
	noResults: string;
	more: string;
	notifications: string;
	dismiss: string;
	previous: string;
	next: string;
	done: string;
	selectAll: string;
	selectRow: string;
	online: string;
	offline: string;
}

const english: UiStrings = {
	locale: 'en',
	close: 'Close',
	clear: 'Clear',
	loading: 'Loading',
	optional: 'optional',
	retry: 'Try again',
	showPassword: 'Show password',
	capsLock: 'Caps Lock is on',
	noResults: 'Nothing found',
	more: 'Show more',
	notifications: 'Notifications',
	dismiss: 'Dismiss',
	previous: 'Previous',
	next: 'Next',
	done: 'done',
	selectAll: 'Select all',
	selectRow: 'Select',
	online: 'online',
	offline: 'offline'
};

const key = Symbol('ui-strings');

/** Call once in the root layout: `setUiStrings(() => ({ … }))`. Re-read on use, so it may be reactive. */
export function setUiStrings(read: () => UiStrings): void {
	setContext(key, read);
}

/** The words in force here; English when nobody set them (tests, showcase). Call during component setup. */
export function getUiStrings(): () => UiStrings {
	return getContext<(() => UiStrings) | undefined>(key) ?? (() => english);
}
