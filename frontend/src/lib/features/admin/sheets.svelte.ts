/**
 * A ticket or a customer beside whatever page is open: `?open=CCR-1042` or `?person=<id>` in the address, so that
 * "back" closes it, a reload keeps it and a link leads to it.
 */
import { afterNavigate, goto } from '$app/navigation';
import { page } from '$app/state';
import { CUSTOMER, TICKET } from './params.ts';

/** The open page with these parameters set, or without those that are undefined. */
function here(change: Record<string, string | undefined>): string {
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- made for one address
	const query = new URLSearchParams(page.url.search);
	for (const [name, value] of Object.entries(change)) {
		if (value === undefined) query.delete(name);
		else query.set(name, value);
	}
	const text = query.toString();
	return page.url.pathname + (text && `?${text}`);
}

/** Opens the ticket over the page that is open. */
export const ticketHere = (number: string): string => here({ [TICKET]: number });
/** Opens the customer over the page that is open; a ticket in front of it is closed. */
export const customerHere = (id: string): string => here({ [TICKET]: undefined, [CUSTOMER]: id });

/** Knows whether "back" would close what is open. Make it during setup of the layout. */
export class Sheets {
	readonly ticket: string | undefined = $derived(page.url.searchParams.get(TICKET) ?? undefined);
	readonly customer: string | undefined = $derived(
		page.url.searchParams.get(CUSTOMER) ?? undefined
	);
	/** How many steps of the history were made by opening something here. */
	#steps = 0;

	constructor() {
		afterNavigate(({ from, to, type }) => {
			const here = from?.url.pathname === to?.url.pathname;
			const opened = (url: URL | undefined | null) =>
				Number(url?.searchParams.has(TICKET)) + Number(url?.searchParams.has(CUSTOMER));
			if (!here) this.#steps = 0;
			else if (type === 'popstate') this.#steps = Math.max(0, this.#steps - 1);
			else if (opened(to?.url) > opened(from?.url)) this.#steps += 1;
		});
	}

	async close(name: typeof TICKET | typeof CUSTOMER): Promise<void> {
		if (!page.url.searchParams.has(name)) return;
		if (this.#steps > 0) history.back();
		else await goto(here({ [name]: undefined }), { reset: false, replace: true });
	}
}
