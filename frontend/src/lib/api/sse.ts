/** The text/event-stream format, as far as it is used: event, data, id, retry is ignored, comments are life signs. */
export interface StreamEvent {
	event: string;
	data: string;
	id: string | undefined;
}

/** Feed it text as it comes; it calls back for every complete event and every comment. */
export class EventParser {
	#rest = '';
	#event = '';
	#data: string[] = [];
	#id: string | undefined;
	#onEvent: (event: StreamEvent) => void;

	constructor(onEvent: (event: StreamEvent) => void) {
		this.#onEvent = onEvent;
	}

	feed(text: string): void {
		this.#rest += text;
		for (;;) {
			const end = this.#rest.search(/[\r\n]/);
			if (end < 0) return;
			// A lone \r at the very end may be half of \r\n: wait for the rest.
			if (this.#rest[end] === '\r' && end === this.#rest.length - 1) return;
			const line = this.#rest.slice(0, end);
			const width = this.#rest.startsWith('\r\n', end) ? 2 : 1;
			this.#rest = this.#rest.slice(end + width);
			this.#line(line);
		}
	}

	#line(line: string): void {
		if (line === '') {
			if (this.#data.length > 0 || this.#event) {
				this.#onEvent({
					event: this.#event || 'message',
					data: this.#data.join('\n'),
					id: this.#id
				});
			}
			this.#event = '';
			this.#data = [];
			return;
		}
		if (line.startsWith(':')) return;
		const colon = line.indexOf(':');
		const field = colon < 0 ? line : line.slice(0, colon);
		const raw = colon < 0 ? '' : line.slice(colon + 1);
		const value = raw.startsWith(' ') ? raw.slice(1) : raw;
		if (field === 'event') this.#event = value;
		else if (field === 'data') this.#data.push(value);
		else if (field === 'id') this.#id = value;
	}
}
