/** Changing the signed-in person's address. Works without the query cache: the page that a mail leads to should be small. */
import { session } from '#lib/auth/session.svelte.ts';
import { api, call } from '../client.ts';
import type { Answer, Body, Me } from '../types.ts';

const PATH = '/api/v1/me/email-change';

export type PendingEmail = NonNullable<Answer<typeof PATH, 'get'>['pending']>;

/** The address that waits to be proven. */
export const pendingEmail = async (signal?: AbortSignal): Promise<PendingEmail | null> =>
	(await call(api.GET(PATH, signal ? { signal } : {}))).pending;

export const askForEmail = async (body: Body<typeof PATH, 'post'>): Promise<PendingEmail | null> =>
	(await call(api.POST(PATH, { body }))).pending;

export const giveUpEmail = (): Promise<unknown> => call(api.DELETE(PATH));

/** The new address is proven and the account's from now on. */
export async function confirmEmail(body: Body<`${typeof PATH}/confirm`, 'post'>): Promise<Me> {
	const me = await call(api.POST(`${PATH}/confirm`, { body }));
	session.update(me);
	return me;
}
