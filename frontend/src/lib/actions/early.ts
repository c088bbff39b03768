/** Keys that are pressed while a page can be seen already and its shortcuts are still on their way. */
import { dialogOpen, isTyping } from './keys.ts';

const held: KeyboardEvent[] = [];

function hold(event: KeyboardEvent): void {
	if (isTyping(event.target) || dialogOpen()) return;
	// Tab, Enter, the arrows and the like have a meaning without us.
	if (!/^\S$/.test(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
	event.preventDefault();
	held.push(event);
}

/** Keeps them until `pressHeldKeys`, or until the returned function is called. */
export function holdKeys(): () => void {
	window.addEventListener('keydown', hold);
	return stop;
}

function stop(): void {
	window.removeEventListener('keydown', hold);
	held.length = 0;
}

/** Presses them again, now that somebody listens. */
export function pressHeldKeys(): void {
	const keys = [...held];
	stop();
	for (const key of keys) {
		// One of them led into a field or a dialog: the others were not meant for the page any more.
		if (isTyping(document.activeElement) || dialogOpen()) return;
		window.dispatchEvent(new KeyboardEvent('keydown', key));
	}
}
