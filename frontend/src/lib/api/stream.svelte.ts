/**
 * The live connection: one per tab, by streaming fetch (EventSource cannot carry the bearer token, and the
 * token must not be in an address). It reconnects by itself; after every connection everything on screen is
 * fetched again, so a missed event costs nothing.
 */
import { delayBefore } from './delay.ts';
import { describe, isAbort } from './errors.ts';
import { EventParser, type StreamEvent } from './sse.ts';

export type StreamState =
	| 'off'
	| 'connecting'
	| 'live'
	/** broken, waiting for the next try */
	| 'waiting';

export interface StreamDeps {
	/** A token that works; undefined when nobody is signed in. */
	token: () => Promise<string | undefined>;
	/** A new token after `refused` was not accepted. */
	renew: (refused: string) => Promise<string | undefined>;
	/** Connected (again): fetch what is on screen. */
	onConnected: () => void;
	onEvent: (event: string, data: unknown) => void;
	url: string;
}

/** The server gives a sign of life every 10 s. */
const SILENCE_MS = 25_000;
/** A hidden tab lets go of its connection after a while, unless it is the one that keeps watch. */
const HIDDEN_MS = 60_000;

export class LiveStream {
	state = $state<StreamState>('off');

	#deps: StreamDeps;
	#abort: AbortController | undefined;
	#watchdog: ReturnType<typeof setTimeout> | undefined;
	#retry: ReturnType<typeof setTimeout> | undefined;
	#attempt = 0;
	#hiddenSince: number | undefined;
	#hiddenTimer: ReturnType<typeof setTimeout> | undefined;
	#stopListening: (() => void) | undefined;

	constructor(deps: StreamDeps) {
		this.#deps = deps;
	}

	start(): void {
		if (this.state !== 'off') return;
		this.#listen();
		this.#attempt = 0;
		void this.#connect();
	}

	stop(): void {
		this.#stopListening?.();
		this.#stopListening = undefined;
		clearTimeout(this.#hiddenTimer);
		this.#hang();
		this.state = 'off';
	}

	#hang(): void {
		clearTimeout(this.#watchdog);
		clearTimeout(this.#retry);
		this.#abort?.abort();
		this.#abort = undefined;
	}

	/** Drops a connection that may be dead and connects at once. */
	#again = (): void => {
		if (this.state === 'off') return;
		this.#attempt = 0;
		this.#hang();
		void this.#connect();
	};

	async #connect(): Promise<void> {
		const abort = new AbortController();
		this.#abort = abort;
		this.state = 'connecting';
		try {
			await this.#read(abort);
			if (this.#abort === abort) this.#wait();
		} catch (error) {
			if (this.#abort !== abort) return;
			if (!isAbort(error)) console.debug('live:', describe(error).message);
			this.#wait();
		}
	}

	async #read(abort: AbortController): Promise<void> {
		// Also watches over the wait for the answer.
		this.#alive();
		const token = await this.#deps.token();
		if (!token || this.#abort !== abort) return;
		let response = await this.#open(token, abort);
		if (response.status === 401) {
			const fresh = await this.#deps.renew(token);
			if (!fresh || this.#abort !== abort) return;
			response = await this.#open(fresh, abort);
		}
		if (!response.ok || !response.body) throw new Error(`stream: HTTP ${response.status}`);
		const parser = new EventParser((event) => this.#dispatch(event));
		const text = new TextDecoder();
		const reader = response.body.getReader();
		for (;;) {
			const { done, value } = await reader.read();
			if (done || this.#abort !== abort) return;
			this.#alive();
			parser.feed(text.decode(value, { stream: true }));
		}
	}

	#open(token: string, abort: AbortController): Promise<Response> {
		return fetch(this.#deps.url, {
			headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
			cache: 'no-store',
			signal: abort.signal
		});
	}

	#dispatch({ event, data }: StreamEvent): void {
		if (event === 'hello') {
			this.#attempt = 0;
			this.state = 'live';
			this.#deps.onConnected();
			return;
		}
		if (event === 'resync') {
			this.#deps.onConnected();
			return;
		}
		let parsed: unknown;
		try {
			parsed = JSON.parse(data || '{}');
		} catch {
			return;
		}
		this.#deps.onEvent(event, parsed);
	}

	#alive(): void {
		clearTimeout(this.#watchdog);
		this.#watchdog = setTimeout(() => {
			this.#hang();
			this.#wait();
		}, SILENCE_MS);
	}

	#wait(): void {
		clearTimeout(this.#watchdog);
		if (this.state === 'off') return;
		this.state = 'waiting';
		clearTimeout(this.#retry);
		this.#retry = setTimeout(() => void this.#connect(), delayBefore(this.#attempt++));
	}

	#listen(): void {
		const seen = () => this.#visibility(document.visibilityState === 'visible');
		document.addEventListener('visibilitychange', seen);
		window.addEventListener('online', this.#again);
		this.#stopListening = () => {
			document.removeEventListener('visibilitychange', seen);
			window.removeEventListener('online', this.#again);
			this.#release?.();
		};
	}

	#release: (() => void) | undefined;

	#visibility(visible: boolean): void {
		clearTimeout(this.#hiddenTimer);
		if (!visible) {
			this.#hiddenSince = Date.now();
			this.#hiddenTimer = setTimeout(() => this.#hideAway(), HIDDEN_MS);
			return;
		}
		this.#release?.();
		this.#release = undefined;
		const away = Date.now() - (this.#hiddenSince ?? Date.now());
		this.#hiddenSince = undefined;
		// Phones suspend hidden pages without telling anyone: what was missed is fetched.
		if (this.state !== 'live' || away > SILENCE_MS) this.#again();
		else this.#deps.onConnected();
	}

	/**
	 * Browsers allow about six connections to one host: of all hidden tabs only one keeps its stream
	 * (whoever gets the lock); the others come back when they are looked at.
	 */
	#hideAway(): void {
		if (!navigator.locks) return;
		void navigator.locks.request('care_stream_in_background', { ifAvailable: true }, (lock) => {
			if (!lock) {
				if (document.visibilityState === 'hidden' && this.state !== 'off') {
					this.#hang();
					this.state = 'waiting';
				}
				return undefined;
			}
			return new Promise<void>((release) => (this.#release = release));
		});
	}
}
