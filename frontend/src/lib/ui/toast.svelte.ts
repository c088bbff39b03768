import type { Tone } from './types.ts';

/** A short message at the edge of the screen. */
export interface ToastMessage {
	text: string;
	tone?: Tone;
	/** One thing to do about it, e.g. undo. The toast leaves afterwards. */
	action?: { label: string; run: () => void };
	/** Milliseconds; 6 s, or 10 s with an action. `Infinity` stays until dismissed. */
	duration?: number;
	/** A toast with the same id replaces the earlier one. */
	id?: string;
	/** Called when it leaves without its action being taken: the moment to make an undoable change final. */
	onexpire?: () => void;
}

export interface LiveToast extends ToastMessage {
	id: string;
	duration: number;
}

let count = 0;

/** The toasts on screen; newest last, at most four. */
export class Toasts {
	items = $state<LiveToast[]>([]);
	// Not shown anywhere, so it need not be reactive.
	// eslint-disable-next-line svelte/prefer-svelte-reactivity
	#timers = new Map<
		string,
		{ handle: ReturnType<typeof setTimeout>; ends: number; left: number }
	>();
	#held = false;

	show(message: ToastMessage): string {
		const id = message.id ?? `toast-${++count}`;
		this.#stop(id);
		const toast: LiveToast = {
			...message,
			id,
			duration: message.duration ?? (message.action ? 10_000 : 6_000)
		};
		const at = this.items.findIndex((item) => item.id === id);
		if (at >= 0) this.items[at] = toast;
		else this.items.push(toast);
		for (const old of this.items.slice(0, -4)) this.dismiss(old.id);
		this.#start(id, toast.duration);
		return id;
	}
	success(text: string): string {
		return this.show({ text, tone: 'success' });
	}
	error(text: string): string {
		return this.show({ text, tone: 'danger', duration: 10_000 });
	}
	/** "Ticket assigned to Asha · Undo". */
	undo(text: string, label: string, run: () => void, onexpire?: () => void): string {
		return this.show({ text, action: { label, run }, onexpire });
	}
	/** Takes it away; `acted` tells that its action was taken. */
	dismiss(id: string, acted = false): void {
		const toast = this.items.find((item) => item.id === id);
		if (!toast) return;
		this.#stop(id);
		this.items = this.items.filter((item) => item.id !== id);
		if (!acted) toast.onexpire?.();
	}
	/** Stops the clocks while the person points at or has focus in the toasts. */
	hold(): void {
		if (this.#held) return;
		this.#held = true;
		for (const timer of this.#timers.values()) {
			clearTimeout(timer.handle);
			timer.left = Math.max(1_500, timer.ends - Date.now());
		}
	}
	resume(): void {
		if (!this.#held) return;
		this.#held = false;
		for (const [id, timer] of [...this.#timers]) this.#start(id, timer.left);
	}

	#start(id: string, wait: number): void {
		if (!Number.isFinite(wait)) return;
		this.#stop(id);
		const handle = this.#held
			? (0 as unknown as ReturnType<typeof setTimeout>)
			: setTimeout(() => this.dismiss(id), wait);
		this.#timers.set(id, { handle, ends: Date.now() + wait, left: wait });
	}
	#stop(id: string): void {
		const timer = this.#timers.get(id);
		if (timer) clearTimeout(timer.handle);
		this.#timers.delete(id);
	}
}

/** The toasts of this tab; `ToastHost` in the root layout shows them. */
export const toasts = new Toasts();
