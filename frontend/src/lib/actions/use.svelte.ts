/** Ties actions and their shortcuts to components. */
import { registry, type Action } from './registry.ts';

/** These actions exist while the component does. Call during setup. */
export function useActions(actions: () => readonly Action[]): void {
	$effect(() => registry.register(actions));
}
