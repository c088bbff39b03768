/** Which messages have been on screen while somebody was looking: the read mark follows them. */
import type { Attachment } from 'svelte/attachments';

export interface SeenOptions {
	/** Told the highest number seen, a moment after it was seen. */
	onseen: (seq: number) => void;
}

const SETTLE_MS = 400;

export class Seen {
	#onseen: (seq: number) => void;
	#waiting = new Map<Element, number>();
	#inView = new Map<Element, number>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#observer: IntersectionObserver | undefined;
	#top = 0;

	constructor({ onseen }: SeenOptions) {
		this.#onseen = onseen;
	}

	/** `{@attach seen.watch}` once, on the list. */
	watch: Attachment<HTMLElement> = () => {
		this.#observer = new IntersectionObserver((changes) => {
			for (const { target, isIntersecting } of changes) {
				const seq = this.#waiting.get(target);
				if (seq === undefined) continue;
				if (isIntersecting) this.#inView.set(target, seq);
				else this.#inView.delete(target);
			}
			this.#settle();
		});
		for (const node of this.#waiting.keys()) this.#observer.observe(node);
		document.addEventListener('visibilitychange', this.#settle);
		window.addEventListener('focus', this.#settle);
		return () => {
			clearTimeout(this.#timer);
			this.#observer?.disconnect();
			this.#observer = undefined;
			document.removeEventListener('visibilitychange', this.#settle);
			window.removeEventListener('focus', this.#settle);
		};
	};

	/** Keeps an eye on one more message. */
	add(node: Element, seq: number): void {
		if (seq <= this.#top || this.#waiting.has(node)) return;
		this.#waiting.set(node, seq);
		this.#observer?.observe(node);
	}

	#settle = (): void => {
		clearTimeout(this.#timer);
		if (document.visibilityState !== 'visible' || this.#inView.size === 0) return;
		this.#timer = setTimeout(() => this.#report(), SETTLE_MS);
	};

	#report(): void {
		if (document.visibilityState !== 'visible') return;
		for (const [node, seq] of this.#inView) {
			this.#top = Math.max(this.#top, seq);
			this.#waiting.delete(node);
			this.#observer?.unobserve(node);
		}
		this.#inView.clear();
		this.#onseen(this.#top);
	}
}
