/**
 * Everything a person can do here, as data. One definition feeds the button, the menu, the shortcut,
 * the command palette and the help dialog.
 */
import { createSubscriber } from 'svelte/reactivity';
import type { Icon } from '#lib/ui/types.ts';

export interface Action {
	/** Unique, e.g. "ticket.resolve". A later registration hides an earlier one with the same id. */
	id: string;
	/** Called when shown, so that it follows the language. */
	title: () => string;
	/** Heading in the palette and in the help dialog. */
	group?: () => string;
	icon?: Icon;
	/** tinykeys notation: "r", "$mod+Enter", "g i". */
	shortcut?: string;
	/** Also while typing (only sensible with $mod or Escape). */
	whileTyping?: boolean;
	/** Other words people may search for. */
	keywords?: () => string;
	/** Not in the palette (e.g. "next row"); still a shortcut and in the help dialog. */
	hidden?: boolean;
	when?: () => boolean;
	run: () => void | Promise<void>;
}

export class Registry {
	#layers: (() => readonly Action[])[] = [];
	#listeners = new Set<() => void>();
	#subscribe = createSubscriber((update) => this.onChange(update));

	/** Adds actions until the returned function is called. Give a function when they depend on state. */
	register(actions: readonly Action[] | (() => readonly Action[])): () => void {
		const layer = typeof actions === 'function' ? actions : () => actions;
		this.#layers.push(layer);
		this.#changed();
		return () => {
			this.#layers = this.#layers.filter((one) => one !== layer);
			this.#changed();
		};
	}

	/** All actions, later layers over earlier ones, in order of registration. Reactive. */
	get all(): Action[] {
		this.#subscribe();
		const byId = new Map<string, Action>();
		for (const layer of this.#layers) {
			for (const action of layer()) {
				byId.delete(action.id);
				byId.set(action.id, action);
			}
		}
		return [...byId.values()];
	}

	/** Those that make sense right now. */
	get available(): Action[] {
		return this.all.filter((action) => action.when?.() ?? true);
	}

	find(id: string): Action | undefined {
		return this.all.find((action) => action.id === id);
	}

	/** Runs an action by id if it makes sense now. */
	run(id: string): boolean {
		const action = this.find(id);
		if (!action || action.when?.() === false) return false;
		void action.run();
		return true;
	}

	onChange(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#changed(): void {
		for (const listener of this.#listeners) listener();
	}
}

export const registry = new Registry();
