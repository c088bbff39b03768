/** Makes the registered shortcuts work. Loaded with what only signed-in people need. */
import { tinykeys } from 'tinykeys';
import { dialogOpen, isTyping } from './keys.ts';
import { registry } from './registry.ts';

/** Listens for every registered shortcut. Once, in an app shell. */
export function useShortcuts(): void {
	$effect(() => {
		const bindings: Record<string, (event: KeyboardEvent) => void> = {};
		for (const { id, shortcut } of registry.all) {
			if (shortcut) bindings[shortcut] = (event) => press(event, shortcut, id);
		}
		return tinykeys(window, bindings);
	});
}

function press(event: KeyboardEvent, shortcut: string, id: string): void {
	if (event.defaultPrevented || event.isComposing) return;
	// The latest registered wins; asked again because `when` may have changed.
	const action =
		registry.available.findLast((one) => one.shortcut === shortcut) ?? registry.find(id);
	if (!action || action.when?.() === false) return;
	if (!action.whileTyping && (isTyping(event.target) || dialogOpen())) return;
	event.preventDefault();
	void action.run();
}
