/** By then a slow phone has drawn the page and connected; what the service worker does is for the next visit. */
const QUIET_MS = 4000;

/** Has the service worker keep the app for the next visit, once this one has begun (a browser without one does without). */
export function keepApp(): void {
	if (!('serviceWorker' in navigator)) return;
	setTimeout(() => {
		// Storage may be blocked, or the address not a secure one.
		navigator.serviceWorker
			.register('/service-worker.js', { type: 'module' })
			.catch(() => undefined);
	}, QUIET_MS);
}
