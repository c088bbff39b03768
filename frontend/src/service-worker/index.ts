/**
 * Makes the app open at once and without a connection. Files whose name changes with their content are kept;
 * the page itself comes from the network when there is one. Never touches the API.
 */
import { version } from '$app/environment';
import { self } from '$app/service-worker';

const FILES = 'care-files';
const PAGE = `care-page-${version}`;
/** The page of all addresses: it names only the scripts that every page runs. */
const SHELL = '/200';
/** What the page needs before those, under names that stay. */
const FIRST = ['/theme.js', '/boot.css', '/icons/mark.svg'];

self.addEventListener('install', (event) => {
	event.waitUntil(
		caches
			.open(PAGE)
			.then((cache) =>
				cache.addAll([SHELL, ...FIRST].map((path) => new Request(path, { cache: 'reload' })))
			)
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
	else if (FIRST.includes(url.pathname)) event.respondWith(newest(request, url.pathname));
	else if (request.mode === 'navigate' && !isServerPath(url.pathname))
		event.respondWith(newest(request, SHELL));
});

/** Pages the server answers itself: not the app's. */
const isServerPath = (path: string): boolean =>
	/^\/(api|docs|healthz|readyz|metrics)(\/|$)/.test(path);

async function fromFiles(request: Request): Promise<Response> {
	const cache = await caches.open(FILES);
	// Who asks for them, a page's own link or a script, says so in other headers; the file is the same.
	const kept = await cache.match(request, { ignoreVary: true });
	if (kept) return kept;
	const response = await fetch(request);
	if (response.ok) await cache.put(request, response.clone());
	return response;
}

/** From the network, or without one what was kept under this path. */
async function newest(request: Request, path: string): Promise<Response> {
	try {
		return await fetch(request);
	} catch (error) {
		const kept = await (await caches.open(PAGE)).match(path, { ignoreVary: true });
		if (kept) return kept;
		throw error;
	}
}
