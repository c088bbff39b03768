/**
 * A conversation that scrolls with the page fills at least the screen, and its text box stays above the bottom
 * navigation: measures both, since a banner or a larger font changes them.
 */
export function fitPage(node: HTMLElement): () => void {
	const bottom = document.querySelector<HTMLElement>('[data-bottom-nav] > .bottom');
	const measure = () => {
		const end = bottom?.offsetHeight ?? 0;
		const top = node.getBoundingClientRect().top + window.scrollY;
		node.style.setProperty('--dock-end', `${end}px`);
		node.style.setProperty('--thread-min', `calc(100dvh - ${Math.round(top) + end}px)`);
	};
	const observer = new ResizeObserver(measure);
	if (bottom) observer.observe(bottom);
	observer.observe(document.documentElement);
	for (const strip of document.querySelectorAll('.shell > .banner')) observer.observe(strip);
	measure();
	return () => observer.disconnect();
}
