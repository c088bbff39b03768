/** Waits for what becomes of a message in the outbox. */
import { outbox } from '#lib/api/outbox.ts';
import { askNow } from '#lib/api/query-client.ts';
import { timelineOptions } from '#lib/api/queries/timeline.ts';
import type { Ticket } from '#lib/api/types.ts';

export type Outcome = 'sent' | 'failed' | 'taken_back';

/** Did it reach the server? Asked when another tab may have sent it. */
async function arrived(number: string, key: string): Promise<boolean> {
	const timeline = await askNow(timelineOptions(number)).catch(() => undefined);
	return (
		timeline?.items.some((entry) => entry.type === 'message' && entry.client_id === key) ?? false
	);
}

/** However long it takes: a message waits for the connection. */
export async function onceSent(
	ticket: Pick<Ticket, 'id' | 'number'>,
	key: string
): Promise<Outcome> {
	let stop: (() => void) | undefined;
	const end = await new Promise<'sent' | 'failed' | 'gone'>((resolve) => {
		let sending = false;
		stop = $effect.root(() => {
			$effect(() => {
				const state = outbox.pending(ticket.id).find((one) => one.key === key)?.state;
				if (state === 'sending') sending = true;
				else if (state === 'failed') resolve('failed');
				else if (state === undefined) resolve(sending ? 'sent' : 'gone');
			});
		});
	});
	stop?.();
	if (end !== 'gone') return end;
	return (await arrived(ticket.number, key)) ? 'sent' : 'taken_back';
}
