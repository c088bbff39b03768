/** What this installation is: its name, whether it is a demo, its limits. Asked once per visit. */
import { call, http } from './http.ts';
import type { Meta } from './types.ts';

class MetaState {
	current = $state.raw<Meta | undefined>(undefined);
	#loading: Promise<Meta | undefined> | undefined;

	load(): Promise<Meta | undefined> {
		this.#loading ??= call(http.GET('/api/v1/meta')).then(
			(meta) => (this.current = meta),
			() => {
				// Asked again by the next page that wants it.
				this.#loading = undefined;
				return undefined;
			}
		);
		return this.#loading;
	}
}

export const meta = new MetaState();
