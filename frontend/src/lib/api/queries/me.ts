/** The signed-in person's own record. Works without the query cache, so the sign-in pages stay small. */
import { session } from '#lib/auth/session.svelte.ts';
import { api, call } from '../client.ts';
import type { Body, Me } from '../types.ts';

export async function updateMe(patch: Body<'/api/v1/me', 'patch'>): Promise<Me> {
	const me = await call(api.PATCH('/api/v1/me', { body: patch }));
	session.update(me);
	return me;
}

export async function reloadMe(): Promise<Me> {
	const me = await call(api.GET('/api/v1/me'));
	session.update(me);
	return me;
}

export const changePassword = (body: Body<'/api/v1/me/password', 'post'>): Promise<unknown> =>
	call(api.POST('/api/v1/me/password', { body }));
