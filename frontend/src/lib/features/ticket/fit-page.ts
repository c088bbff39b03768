/**
 * A conversation that scrolls with the page fills at least the screen, and its text box stays above the bottom
 * navigation: measures both, since a banner or a larger font changes them.
 */
export function fitPage(node: HTMLElement): () => void {
	const bottom = document.querySelector<HTMLElement>('[data-bottom-nav] > .bottom');
	const root = document.documentElement;
	let dock: HTMLElement | null = null;
	const measure = () => {
		const found = node.querySelector<HTMLElement>('.dock');
		if (found && found !== dock) observer.observe((dock = found));
		const end = bottom?.offsetHeight ?? 0;
		const top = node.getBoundingClientRect().top + window.scrollY;
		// Toasts stay clear of the text box.
		root.style.setProperty('--toast-lift', `${end + (dock?.offsetHeight ?? 0) - 12}px`);
		node.style.setProperty('--dock-end', `${end}px`);
		node.style.setProperty('--thread-min', `calc(100dvh - ${Math.round(top) + end}px)`);
	};
	const observer = new ResizeObserver(measure);
	if (bottom) observer.observe(bottom);
	observer.observe(root);
	for (const strip of document.querySelectorAll('.shell > .banner')) observer.observe(strip);
	measure();
	return () => {
		observer.disconnect();
		root.style.removeProperty('--toast-lift');
	};
}
