/** Puts the live connection, the cache, the outbox and the session together. Loaded with the app shells. */
import { session } from '#lib/auth/session.svelte.ts';
import { HintSink, type Hint } from './hints.ts';
import { apiOrigin } from './http.ts';
import { outbox } from './outbox.ts';
import { queryClient } from './query-client.ts';
import { reloadMe } from './queries/me.ts';
import { LiveStream } from './stream.svelte.ts';
import { typing } from './typing.svelte.ts';

const sink = new HintSink(queryClient, () => void reloadMe().catch(() => undefined));

function onEvent(event: string, data: unknown): void {
	if (event === 'hint') sink.take(data as Hint);
	else if (event === 'typing') {
		const { ticket_id, user_id, name } = data as {
			ticket_id: string;
			user_id: string;
			name: string;
		};
		typing.heard(ticket_id, { id: user_id, name });
	}
}

export const live = new LiveStream({
	url: `${apiOrigin}/api/v1/stream`,
	token: () => session.token(),
	renew: (refused) => session.renew(refused),
	onConnected: () => {
		sink.resync();
		void outbox.flush();
	},
	onEvent
});

/** Starts everything live for the signed-in person; call the result to stop. */
export function goLive(): () => void {
	live.start();
	return () => {
		live.stop();
		sink.stop();
		typing.clear();
	};
}

// What one person saw must not be there for the next.
session.on((event) => {
	if (event !== 'signed-in') queryClient.clear();
});
