/**
 * What this installation is: its name, whether it is a demo, its limits, whether there is a lockdown. Asked once per visit,
 * and every minute while there is a lockdown.
 */
import { call, http, onLockdown } from './http.ts';
import type { Meta } from './types.ts';

const AGAIN_MS = 60_000;

class MetaState {
	current = $state.raw<Meta | undefined>(undefined);
	#loading: Promise<Meta | undefined> | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;

	load(): Promise<Meta | undefined> {
		this.#loading ??= call(http.GET('/api/v1/meta')).then(
			(meta) => {
				this.current = meta;
				if (meta.lockdown_since) this.#again();
				return meta;
			},
			() => {
				// Asked again by the next page that wants it.
				this.#loading = undefined;
				if (this.current?.lockdown_since) this.#again();
				return undefined;
			}
		);
		return this.#loading;
	}

	/** Something may have changed. */
	reload(): Promise<Meta | undefined> {
		this.#loading = undefined;
		return this.load();
	}

	#again(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.reload(), AGAIN_MS);
	}
}

export const meta = new MetaState();
onLockdown(() => {
	if (!meta.current?.lockdown_since) void meta.reload();
});
