/**
 * What somebody is typing, kept on this device until it is sent: it survives a reload, a crash, a lost
 * session and signing out and in again. Drafts belong to a person; what a visitor typed before signing in
 * goes to whoever signs in next on this page.
 */
import { session } from '#lib/auth/session.svelte.ts';
import { draftPlace as place, GUEST } from './draft-places.ts';
import { readJson, store, writeJson } from './store.ts';

interface Saved<T> {
	value: T;
	at: number;
}

const DELAY_MS = 200;
const DAY_MS = 86_400_000;
const GUEST_LASTS_MS = 7 * DAY_MS;
const LASTS_MS = 60 * DAY_MS;

const owner = () => session.user?.id ?? GUEST;

function read<T>(who: string, key: string): Saved<T> | undefined {
	const saved = readJson<Saved<T>>(place(who, key));
	if (!saved || typeof saved.at !== 'number') return undefined;
	if (Date.now() - saved.at < (who === GUEST ? GUEST_LASTS_MS : LASTS_MS)) return saved;
	store.remove(place(who, key));
	return undefined;
}

/** The saved draft; a visitor's newer one moves to the person who has signed in, unless it is `blank` beside their own. */
export function readDraft<T>(
	key: string,
	blank: (value: T) => boolean = () => false
): T | undefined {
	const who = owner();
	const own = read<T>(who, key);
	if (who === GUEST) return own?.value;
	const guest = read<T>(GUEST, key);
	if (!guest || (own && (own.at > guest.at || blank(guest.value)))) return own?.value;
	writeJson(place(who, key), guest);
	store.remove(place(GUEST, key));
	return guest.value;
}

export const writeDraft = (key: string, value: unknown): void =>
	writeJson(place(owner(), key), { value, at: Date.now() });

export function clearDraft(key: string): void {
	store.remove(place(owner(), key));
	store.remove(place(GUEST, key));
}

/**
 * A draft bound to a component: make it while the component is set up, bind to `draft.value`.
 *
 *   const draft = new Draft(`message:${ticket.id}`, '');
 *   <textarea bind:value={draft.value}></textarea>       … and when it is sent: draft.clear()
 */
export class Draft<T> {
	value: T = $state() as T;
	/** Something was found from an earlier visit. */
	readonly restored: boolean;

	#key: string;
	#place: string;
	#empty: string;
	#initial: T;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(key: string, initial: T, blank?: (value: T) => boolean) {
		this.#key = key;
		// Fixed now: text typed by one person must never be saved under another.
		this.#place = place(owner(), key);
		this.#initial = initial;
		this.#empty = JSON.stringify(initial);
		const saved = readDraft<T>(key, blank);
		this.restored = saved !== undefined;
		this.value = saved ?? structuredClone(initial);
		$effect(() => {
			const text = JSON.stringify(this.value);
			clearTimeout(this.#timer);
			this.#timer = setTimeout(() => this.#save(text), DELAY_MS);
		});
		$effect(() => {
			window.addEventListener('pagehide', this.flush);
			return () => {
				window.removeEventListener('pagehide', this.flush);
				this.flush();
			};
		});
	}

	/** Saves now instead of in a moment. */
	flush = (): void => {
		if (this.#timer === undefined) return;
		this.#save(JSON.stringify(this.value));
	};

	#save(text: string): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (text === this.#empty) store.remove(this.#place);
		else store.set(this.#place, `{"value":${text},"at":${Date.now()}}`);
	}

	/** It has been sent: back to empty, and forgotten. */
	clear(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.value = structuredClone(this.#initial);
		store.remove(this.#place);
		clearDraft(this.#key);
	}
}
