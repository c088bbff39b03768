/** `roomy`: 16 px text and 48 px targets (customers). `compact`: 14 px text and 36 px rows (agents, admins). */
export type Density = 'roomy' | 'compact';

/**
 * Sets the density of the whole page while the calling layout is mounted, so that dialogs and menus, which live
 * at the end of the body, follow too. For one region only, set `data-density` on an element.
 */
export function useDensity(density: Density): void {
	$effect.pre(() => {
		const root = document.documentElement;
		const before = root.dataset.density;
		root.dataset.density = density;
		return () => {
			if (before === undefined) delete root.dataset.density;
			else root.dataset.density = before;
		};
	});
}
