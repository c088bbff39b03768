/** Who is typing where, for a few seconds after the last sign of it. */
import { SvelteMap } from 'svelte/reactivity';

export interface Typist {
	id: string;
	name: string;
}

const LASTS_MS = 6000;

class Typing {
	#byTicket = new SvelteMap<string, Typist[]>();
	#timers = new Map<string, ReturnType<typeof setTimeout>>();

	/** The people typing on this ticket now (never oneself: the server does not echo). */
	on(ticketId: string | undefined): Typist[] {
		return (ticketId && this.#byTicket.get(ticketId)) || [];
	}

	heard(ticketId: string, person: Typist): void {
		const others = this.on(ticketId).filter((one) => one.id !== person.id);
		this.#byTicket.set(ticketId, [...others, person]);
		const name = `${ticketId} ${person.id}`;
		clearTimeout(this.#timers.get(name));
		this.#timers.set(
			name,
			setTimeout(() => this.stopped(ticketId, person.id), LASTS_MS)
		);
	}

	/** Call when their message arrives. */
	stopped(ticketId: string, personId: string): void {
		const name = `${ticketId} ${personId}`;
		clearTimeout(this.#timers.get(name));
		this.#timers.delete(name);
		const left = this.on(ticketId).filter((one) => one.id !== personId);
		if (left.length > 0) this.#byTicket.set(ticketId, left);
		else this.#byTicket.delete(ticketId);
	}

	clear(): void {
		for (const timer of this.#timers.values()) clearTimeout(timer);
		this.#timers.clear();
		this.#byTicket.clear();
	}
}

export const typing = new Typing();
