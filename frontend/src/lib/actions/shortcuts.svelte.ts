/** Makes the registered shortcuts work. Loaded with what only signed-in people need. */
import { onMount } from 'svelte';
import { tinykeys } from 'tinykeys';
import { pressHeldKeys } from './early.ts';
import { dialogOpen, isTyping } from './keys.ts';
import { registry } from './registry.ts';

/** Listens for every registered shortcut. Once, in an app shell. */
export function useShortcuts(): void {
	/** Each by itself: what comes and goes does not interrupt a "g i" that has been begun. */
	const bound: Record<string, () => void> = {};
	$effect(() => {
		// One without an action any more does nothing.
		for (const { shortcut } of registry.all)
			if (shortcut)
				bound[shortcut] ??= tinykeys(window, { [shortcut]: (event) => press(event, shortcut) });
	});
	// Not an effect: what the keys do reads state.
	onMount(() => {
		pressHeldKeys();
		return () => Object.values(bound).forEach((stop) => stop());
	});
}

function press(event: KeyboardEvent, shortcut: string): void {
	if (event.defaultPrevented || event.isComposing) return;
	// The latest registered wins; asked again because `when` may have changed.
	const action = registry.available.findLast((one) => one.shortcut === shortcut);
	if (!action) return;
	if (!action.whileTyping && (isTyping(event.target) || dialogOpen())) return;
	event.preventDefault();
	void action.run();
}
