import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
	const timer = setInterval(update, 15_000);
	const wake = () => {
		if (document.visibilityState === 'visible') update();
	};
	document.addEventListener('visibilitychange', wake);
	return () => {
		clearInterval(timer);
		document.removeEventListener('visibilitychange', wake);
	};
});

/** The time now, re-read every 15 s by whatever shows it; one timer for the whole page. */
export function now(): number {
	subscribe();
	return Date.now();
}
