/** Puts the focus on a field of a dialog that has just opened, once the dialog has put it on its close button. */
export function focusSoon(node: HTMLElement): () => void {
	const frame = requestAnimationFrame(() => node.focus());
	return () => cancelAnimationFrame(frame);
}
