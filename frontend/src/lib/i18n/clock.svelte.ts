/** The time, as reactive state that moves once a minute: `formatAgo(at, clock.now)`. */
import { createSubscriber } from 'svelte/reactivity';

class Clock {
	#subscribe = createSubscriber((update) => {
		const timer = setInterval(update, 30_000);
		return () => clearInterval(timer);
	});

	get now(): number {
		this.#subscribe();
		return Date.now();
	}
}

export const clock = new Clock();
