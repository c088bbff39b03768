/** Makes a scrolling box reachable by keyboard while it scrolls and holds nothing else that takes focus. */
export function scroller(box: HTMLElement): () => void {
	const check = () => {
		const inside = box.querySelector('a[href], button, input, select, textarea, [tabindex="0"]');
		if (box.scrollHeight > box.clientHeight && !inside) box.tabIndex = 0;
		else box.removeAttribute('tabindex');
	};
	const size = new ResizeObserver(check);
	const content = new MutationObserver(check);
	size.observe(box);
	content.observe(box, { childList: true, subtree: true });
	return () => {
		size.disconnect();
		content.disconnect();
	};
}
