import { afterPaint, nextTask } from './after-paint.ts';

/** Fills a phone's screen. */
const STEP = 6;

/**
 * How many rows of a list to draw: none until what they need is there, a screen of them at once, then more after each
 * frame, so that a slow phone can be touched in between. Make it together with its component.
 */
export class Gradual {
	readonly #count: () => number;
	#upTo = $state(0);
	/** Rows to draw now; not more than there are. */
	readonly drawn: number = $derived.by(() => Math.min(this.#upTo, this.#count()));

	/**
	 * `whole`: all of them from the start, as where one comes back to a place in the list. `prepare` makes what rows need
	 * and takes long to make.
	 */
	constructor(count: () => number, whole: boolean, prepare: () => void) {
		this.#count = count;
		if (whole) this.#upTo = Infinity;
		$effect(() => {
			if (count() === 0 || this.#upTo >= count()) return;
			const next = this.#upTo + STEP;
			const turn =
				this.#upTo === 0 ? nextTask().then(prepare).then(nextTask) : afterPaint(nextTask);
			void turn.then(() => (this.#upTo = next));
		});
	}
}
