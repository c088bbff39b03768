/** Parts of the desk that the first look does without. They come when they are needed, or when the browser is idle. */
export const emptyList = () => import('./EmptyList.svelte');
export const filterForm = () => import('./FilterForm.svelte');
export const filterChips = () => import('./FilterChips.svelte');
export const ticketContext = () => import('./TicketContext.svelte');
export const goneNotice = () => import('./GoneNotice.svelte');

/** Fetches them all, so that they are there at once and without a connection too. */
export function fetchLater(): () => void {
	const idle = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 2000));
	const cancel = globalThis.cancelIdleCallback ?? clearTimeout;
	const all = [emptyList, filterForm, filterChips, ticketContext, goneNotice];
	const handle = idle(
		() => {
			for (const part of all) part().catch(() => undefined);
		},
		{ timeout: 5000 }
	);
	return () => cancel(handle);
}
