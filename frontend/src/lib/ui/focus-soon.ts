import { tick } from 'svelte';

/** Puts the focus on a field of a dialog that has just opened, once the dialog has put it on its close button. */
export function focusSoon(node: HTMLElement): () => void {
	const frame = requestAnimationFrame(() => node.focus());
	return () => cancelAnimationFrame(frame);
}

/** Whoever reads the page goes on at this heading; it does not jump there. */
export function readFrom(heading: HTMLElement): void {
	heading.tabIndex = -1;
	heading.focus({ preventScroll: true });
}

/** Puts the focus where it goes on when what had it goes away, like the button that opened a dialog. */
export async function focusNext(find: () => HTMLElement | null | undefined): Promise<void> {
	await tick();
	requestAnimationFrame(() => find()?.focus());
}
