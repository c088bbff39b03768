/**
 * Scrolling of a conversation: stays at the newest message while one is there, keeps the place while earlier ones
 * are put before, and knows when there is something new below. Works on a pane of its own or on the whole page.
 */
import { tick } from 'svelte';

/** Nearer than this to the end counts as "at the end". */
const NEAR_PX = 64;
/** Nearer than this to the start is time to fetch earlier ones. */
const AHEAD_PX = 600;

export class Follow {
	/** The newest message is in view (or about to be). */
	atEnd = $state(true);
	/** The oldest message loaded is nearly in view. */
	nearStart = $state(false);

	#pane: HTMLElement | undefined;
	#page: boolean;

	constructor(page: boolean) {
		this.#page = page;
	}

	/** `{@attach follow.pane}` on the element that scrolls; on any element inside the page when the page scrolls. */
	pane = (node: HTMLElement): (() => void) => {
		const box = this.#page ? (document.scrollingElement as HTMLElement) : node;
		const target: EventTarget = this.#page ? window : node;
		this.#pane = box;
		target.addEventListener('scroll', this.#look, { passive: true });
		window.addEventListener('resize', this.#stay);
		return () => {
			target.removeEventListener('scroll', this.#look);
			window.removeEventListener('resize', this.#stay);
			this.#pane = undefined;
		};
	};

	/** `{@attach follow.content}` on whatever changes its height: the list, the composer. */
	content = (node: HTMLElement): (() => void) => {
		const observer = new ResizeObserver(this.#stay);
		observer.observe(node);
		return () => observer.disconnect();
	};

	#following = false;
	#lastTop = 0;

	/** From now on new content at the end is followed. Call once the first position is taken. */
	start(): void {
		this.#following = true;
		this.#lastTop = Infinity;
		this.#look();
	}

	#look = (): void => {
		const pane = this.#pane;
		if (!pane) return;
		this.nearStart = pane.scrollTop < AHEAD_PX;
		const near = pane.scrollHeight - pane.clientHeight - pane.scrollTop < NEAR_PX;
		// Content that grew is no leaving: only scrolling up is.
		if (near || pane.scrollTop < this.#lastTop - 1) this.atEnd = near;
		this.#lastTop = pane.scrollTop;
	};

	#stay = (): void => {
		if (this.#following && this.atEnd) this.#jump('instant');
	};

	#jump(behavior: ScrollBehavior): void {
		this.#pane?.scrollTo({ top: this.#pane.scrollHeight, behavior });
	}

	toEnd(smooth = false): void {
		const pane = this.#pane;
		if (!pane) return;
		this.atEnd = true;
		const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
		const far = pane.scrollHeight - pane.scrollTop > 3 * pane.clientHeight;
		this.#jump(smooth && !calm && !far ? 'smooth' : 'instant');
	}

	/** Scrolls an element to the middle, or near the top when `start`. */
	reveal(node: Element | null, start = false): boolean {
		const pane = this.#pane;
		if (!node || !pane) return false;
		if (this.#page) {
			node.scrollIntoView({ block: start ? 'start' : 'center', behavior: 'instant' });
		} else {
			// Not scrollIntoView: it would move everything around the pane as well.
			const { top, height } = node.getBoundingClientRect();
			const above = start ? 0 : (pane.clientHeight - height) / 2;
			pane.scrollTo({
				top: pane.scrollTop + top - pane.getBoundingClientRect().top - above,
				behavior: 'instant'
			});
		}
		this.#look();
		return true;
	}

	/** Call just before content is put before what is seen ($effect.pre): what is seen does not move. */
	keep(): void {
		const pane = this.#pane;
		if (!pane || !this.#following) return;
		const fromEnd = pane.scrollHeight - pane.scrollTop;
		void tick().then(() => {
			if (this.#pane === pane) pane.scrollTop = pane.scrollHeight - fromEnd;
		});
	}
}
