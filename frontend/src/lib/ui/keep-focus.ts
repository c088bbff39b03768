import { readFrom } from './focus-soon.ts';

/**
 * An attachment for a part of a page whose buttons go away when they have done their work: the focus goes to its heading then,
 * instead of being lost. So it is when the button that opened a dialog is gone at its end.
 */
export function keepFocus(part: HTMLElement): () => void {
	/** What in here had the focus last; in a dialog one is still here. */
	let last: HTMLElement | undefined;

	const watch = new MutationObserver(() => {
		const free = !document.activeElement || document.activeElement === document.body;
		if (!last || last.isConnected || !free) return;
		const heading = part.querySelector<HTMLElement>('h2, h3');
		if (heading) readFrom(heading);
	});

	function notice({ target }: FocusEvent): void {
		if (!(target instanceof HTMLElement) || target.closest('[role="dialog"]')) return;
		last = part.contains(target) ? target : undefined;
		if (last) watch.observe(document.body, { childList: true, subtree: true });
		else watch.disconnect();
	}

	document.addEventListener('focusin', notice);
	return () => {
		document.removeEventListener('focusin', notice);
		watch.disconnect();
	};
}
