/**
 * The one-time token of a mailed link. It stands in the fragment, which browsers send to no server and in no
 * Referer, and leaves the address at once, so that it stays out of the history too.
 */
export function takeLinkToken(): string | null {
	const token = new URLSearchParams(location.hash.slice(1)).get('token');
	if (token) history.replaceState(history.state, '', location.pathname + location.search);
	return token;
}

const WAITING = 'care_link_token';

/** A token that waits in this tab until somebody has signed in. It opens nothing without the account it was made for. */
export const waitingToken = {
	find(): string | null {
		return sessionStorage.getItem(WAITING);
	},
	keep(token: string): void {
		sessionStorage.setItem(WAITING, token);
	},
	drop(): void {
		sessionStorage.removeItem(WAITING);
	}
};
