/**
 * Makes the app open at once and without a connection. Files whose name changes with their content are kept;
 * the page itself comes from the network when there is one. Never touches the API.
 */
import { version } from '$app/environment';
import { self } from '$app/service-worker';

const FILES = 'care-files';
const PAGE = `care-page-${version}`;
const SHELL = '/';

self.addEventListener('install', (event) => {
	event.waitUntil(
		caches
			.open(PAGE)
			.then((cache) => cache.add(new Request(SHELL, { cache: 'reload' })))
			.then(() => self.skipWaiting())
	);
});

self.addEventListener('activate', (event) => {
	event.waitUntil(
		(async () => {
			for (const name of await caches.keys()) {
				if (name.startsWith('care-page-') && name !== PAGE) await caches.delete(name);
			}
			await trim();
			await self.clients.claim();
		})()
	);
});

/** Old versions' files go when there are many. */
async function trim(): Promise<void> {
	const cache = await caches.open(FILES);
	const stored = await cache.keys();
	await Promise.all(
		stored.slice(0, Math.max(0, stored.length - 300)).map((key) => cache.delete(key))
	);
}

self.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== self.location.origin) return;
	if (url.pathname.startsWith('/_app/immutable/')) event.respondWith(fromFiles(request));
	else if (request.mode === 'navigate' && !isServerPath(url.pathname))
		event.respondWith(page(request));
});

/** Pages the server answers itself: not the app's. */
const isServerPath = (path: string): boolean =>
	/^\/(api|docs|healthz|readyz|metrics)(\/|$)/.test(path);

async function fromFiles(request: Request): Promise<Response> {
	const cache = await caches.open(FILES);
	const kept = await cache.match(request);
	if (kept) return kept;
	const response = await fetch(request);
	if (response.ok) await cache.put(request, response.clone());
	return response;
}

async function page(request: Request): Promise<Response> {
	try {
		return await fetch(request);
	} catch (error) {
		const kept = await (await caches.open(PAGE)).match(SHELL);
		if (kept) return kept;
		throw error;
	}
}
