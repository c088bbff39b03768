import { tick } from 'svelte';

/**
 * Overlays weigh more than most pages and are seldom the first thing anybody needs: the page draws their button, and
 * their working half comes when it is pressed (or a moment after the page has settled, so that it is there already).
 */
export class Later<Part> {
	part = $state.raw<Part | undefined>(undefined);
	#load: () => Promise<{ default: Part }>;

	constructor(load: () => Promise<{ default: Part }>) {
		this.#load = load;
		$effect(() => {
			const idle = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 2000));
			const cancel = globalThis.cancelIdleCallback ?? clearTimeout;
			const handle = idle(this.#fetch, { timeout: 5000 });
			return () => cancel(handle);
		});
	}

	/** Puts it in the browser's cache; a failure shows when it is really needed. */
	#fetch = (): void => {
		this.#load().catch(() => undefined);
	};

	async need(): Promise<void> {
		this.part ??= (await this.#load()).default;
	}

	/**
	 * What the button inside `host` does while the overlay is not there yet. The overlay brings a button of its own in
	 * the same place: it gets the focus first, so that closing gives it back.
	 */
	trigger(
		kind: 'menu' | 'dialog',
		host: () => HTMLElement | undefined,
		open: () => void
	): Record<string, unknown> {
		const press = async (event: Event) => {
			const byKey = event instanceof KeyboardEvent || (event as MouseEvent).detail === 0;
			await this.need();
			await tick();
			// The overlay moves into its first item for people with a keyboard, but was not there to see the key.
			if (byKey) document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Shift' }));
			host()?.querySelector<HTMLElement>('button, a, [tabindex]')?.focus();
			open();
		};
		return {
			type: 'button',
			'aria-haspopup': kind,
			'aria-expanded': false,
			'data-state': 'closed',
			onpointerenter: this.#fetch,
			onclick: press,
			onkeydown: (event: KeyboardEvent) => {
				if (event.key !== 'ArrowDown' || kind !== 'menu') return;
				event.preventDefault();
				void press(event);
			}
		};
	}
}
