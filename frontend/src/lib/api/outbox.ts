/**
 * Messages that are written but not yet acknowledged. They are kept on this device, go out in the order they
 * were written, one at a time per ticket and by one tab at a time, and each carries a key made when it was
 * written, so that a repeated try makes nothing twice. A refusal keeps the text for editing.
 */
import { createSubscriber } from 'svelte/reactivity';
import { session } from '#lib/auth/session.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { api, call } from './client.ts';
import { delayBefore } from './delay.ts';
import { ApiError, describe, isApiError, isTemporary, type ProblemCode } from './errors.ts';
import { newId } from './ids.ts';
import { withLock } from './locks.ts';
import { putEntry } from './queries/timeline.ts';
import { readJson, store, writeJson } from './store.ts';
import type { MessageEntry } from './types.ts';

export interface Unsent {
	/** Idempotency key and client id in one; fixed when the message was written. */
	key: string;
	ticketId: string;
	body: string;
	quoted: { id: string; seq: number; author_name: string; excerpt: string } | null;
	/** RFC 3339, this device's clock. */
	writtenAt: string;
	state: 'queued' | 'failed';
	refusal?: { status: number; code: ProblemCode };
}

/** What the screen shows: `sending` only while this tab's request is under way. */
export type Pending = Omit<Unsent, 'state'> & { state: 'queued' | 'sending' | 'failed' };

export interface OutboxDeps {
	send: (message: Unsent) => Promise<MessageEntry>;
	/** Acknowledged: show it. Called before the message leaves the outbox. */
	onSent: (message: Unsent, entry: MessageEntry) => void;
}

const PREFIX = 'care_outbox';

export class Outbox {
	#deps: OutboxDeps;
	#userId: string | undefined;
	#sending = new Set<string>();
	#draining = new Map<string, Promise<void>>();
	#again = new Set<string>();
	#attempts = new Map<string, number>();
	#timers = new Map<string, ReturnType<typeof setTimeout>>();
	#lastOrder = 0;
	#notify = new Set<() => void>();
	#subscribe = createSubscriber((update) => {
		this.#notify.add(update);
		return () => this.#notify.delete(update);
	});

	constructor(deps: OutboxDeps) {
		this.#deps = deps;
	}

	/** From now on: this person's messages. Sends what an earlier visit left behind. */
	start(userId: string): void {
		this.#userId = userId;
		globalThis.addEventListener?.('online', this.flush);
		globalThis.addEventListener?.('storage', this.#onStorage);
		void this.flush();
		this.#changed();
	}

	stop(): void {
		this.#userId = undefined;
		globalThis.removeEventListener?.('online', this.flush);
		globalThis.removeEventListener?.('storage', this.#onStorage);
		for (const timer of this.#timers.values()) clearTimeout(timer);
		this.#timers.clear();
		this.#attempts.clear();
		this.#changed();
	}

	#onStorage = (event: Event): void => {
		if ((event as StorageEvent).key?.startsWith(PREFIX)) this.#changed();
	};

	#changed(): void {
		for (const update of this.#notify) update();
	}

	/** Puts a message in the queue; it is safe from here on. Returns its key. */
	add(message: Pick<Unsent, 'ticketId' | 'body' | 'quoted'>): string {
		if (!this.#userId) throw new Error('outbox: nobody is signed in');
		const now = Date.now();
		const key = newId();
		this.#lastOrder = Math.max(this.#lastOrder + 1, now * 1000);
		const order = String(this.#lastOrder).padStart(17, '0');
		const unsent: Unsent = {
			...message,
			key,
			writtenAt: new Date(now).toISOString(),
			state: 'queued'
		};
		writeJson(`${PREFIX}:${this.#userId}:${message.ticketId}:${order}:${key}`, unsent);
		this.#changed();
		void this.#drain(message.ticketId);
		return key;
	}

	/** What is waiting on this ticket, oldest first. Reactive. */
	pending(ticketId: string): Pending[] {
		this.#subscribe();
		return this.#read(ticketId).map(({ message }) => ({
			...message,
			state: this.#sending.has(message.key) ? 'sending' : message.state
		}));
	}

	/** Tries a refused message again. */
	retry(ticketId: string, key: string): void {
		const found = this.#read(ticketId).find(({ message }) => message.key === key);
		if (!found) return;
		// The server remembers what it answered to a key; a refusal must be asked anew.
		const fresh: Unsent = { ...found.message, key: newId(), state: 'queued', refusal: undefined };
		store.remove(found.place);
		writeJson(found.place.replace(key, fresh.key), fresh);
		this.#changed();
		void this.#drain(ticketId);
	}

	/** Takes a message out again, to edit or drop it; undefined when it went out in the meantime. */
	async takeBack(ticketId: string, key: string): Promise<Unsent | undefined> {
		return withLock(this.#lock(ticketId), async () => {
			const found = this.#read(ticketId).find(({ message }) => message.key === key);
			if (!found) return undefined;
			store.remove(found.place);
			this.#changed();
			return found.message;
		});
	}

	/** Tries everything that waits, now. */
	flush = async (): Promise<void> => {
		if (!this.#userId) return;
		const tickets = new Set<string>();
		for (const place of store.keys(`${PREFIX}:${this.#userId}:`)) {
			const ticketId = place.split(':')[2];
			if (ticketId) tickets.add(ticketId);
		}
		await Promise.all([...tickets].map((ticketId) => this.#drain(ticketId)));
	};

	#lock = (ticketId: string) => `${PREFIX}:${ticketId}`;

	#read(ticketId: string): { place: string; message: Unsent }[] {
		if (!this.#userId) return [];
		const found = [];
		for (const place of store.keys(`${PREFIX}:${this.#userId}:${ticketId}:`)) {
			const message = readJson<Unsent>(place);
			if (message) found.push({ place, message });
		}
		return found;
	}

	#drain(ticketId: string): Promise<void> {
		const running = this.#draining.get(ticketId);
		if (running) {
			// It may just have looked for the last time: look once more when it is done.
			this.#again.add(ticketId);
			return running;
		}
		clearTimeout(this.#timers.get(ticketId));
		const work = withLock(this.#lock(ticketId), () => this.#sendAll(ticketId)).finally(() => {
			this.#draining.delete(ticketId);
			if (this.#again.delete(ticketId)) void this.#drain(ticketId);
		});
		this.#draining.set(ticketId, work);
		return work;
	}

	async #sendAll(ticketId: string): Promise<void> {
		const user = this.#userId;
		while (user && this.#userId === user) {
			const next = this.#read(ticketId).find(({ message }) => message.state === 'queued');
			if (!next) return;
			if (!(await this.#sendOne(next.place, next.message))) return;
		}
	}

	/** True when the queue may go on with the next one. */
	async #sendOne(place: string, message: Unsent): Promise<boolean> {
		this.#sending.add(message.key);
		this.#changed();
		try {
			const entry = await this.#deps.send(message);
			this.#deps.onSent(message, entry);
			store.remove(place);
			this.#attempts.delete(message.ticketId);
			return true;
		} catch (error) {
			if (keepsWaiting(error)) {
				this.#later(message.ticketId, error);
				return false;
			}
			const { status, code } =
				error instanceof ApiError ? error : { status: 500, code: 'internal' as const };
			writeJson(place, { ...message, state: 'failed', refusal: { status, code } });
			return true;
		} finally {
			this.#sending.delete(message.key);
			this.#changed();
		}
	}

	#later(ticketId: string, error: unknown): void {
		if (!this.#userId) return;
		const attempt = this.#attempts.get(ticketId) ?? 0;
		this.#attempts.set(ticketId, attempt + 1);
		const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
		clearTimeout(this.#timers.get(ticketId));
		this.#timers.set(
			ticketId,
			setTimeout(() => void this.#drain(ticketId), Math.max(asked, delayBefore(attempt)))
		);
	}
}

/** Not refused, only not through yet. */
const keepsWaiting = (error: unknown): boolean =>
	isTemporary(error) ||
	isApiError(error, 'unauthenticated', 'session_ended') ||
	error instanceof DOMException;

/** Why a message was refused, in words that say what can be done. */
export function refusalText(message: Pick<Unsent, 'refusal'>): string {
	const code = message.refusal?.code;
	if (code === 'conflict' || code === 'illegal_move') return m.error_message_closed();
	if (code === 'forbidden' || code === 'not_found') return m.error_message_not_yours();
	return describe(new ApiError(message.refusal ?? { status: 500 })).message;
}

export const outbox = new Outbox({
	send: ({ key, ticketId, body, quoted }) =>
		call(
			api.POST('/api/v1/tickets/{id}/messages', {
				params: { path: { id: ticketId }, header: { 'Idempotency-Key': key } },
				body: { body, client_id: key, ...(quoted ? { quoted_message_id: quoted.id } : {}) }
			})
		) as Promise<MessageEntry>,
	onSent: ({ ticketId }, entry) => putEntry(ticketId, entry)
});

// Whoever is signed in can write at once, whether the live connection is there already or not.
const follow = () => (session.user ? outbox.start(session.user.id) : outbox.stop());
session.on(follow);
if (session.user) follow();
