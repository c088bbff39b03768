/** What people set about themselves beside name and language: picture, address, telephone, notifications, questions. */
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { session } from '#lib/auth/session.svelte.ts';
import { api, call, transfer } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { Body, Full, Me, NotificationChoice, PendingPhone } from '../types.ts';
import { askForEmail, giveUpEmail, pendingEmail, type PendingEmail } from './email.ts';
import { reloadMe } from './me.ts';

const PICTURE = '/api/v1/me/avatar';

export async function setPicture(picture: Blob): Promise<void> {
	const answer = await transfer(PICTURE, {
		method: 'PUT',
		headers: { 'content-type': picture.type },
		body: picture
	});
	session.update((await answer.json()) as Full<Me>);
}

export async function removePicture(): Promise<void> {
	await call(api.DELETE(PICTURE));
	await reloadMe();
}

export const createEmailChangeQuery = () =>
	createQuery(() => ({
		queryKey: keys.emailChange,
		queryFn: ({ signal }) => pendingEmail(signal)
	}));

const keepEmail = (pending: PendingEmail | null) =>
	queryClient.setQueryData(keys.emailChange, pending);

/** Has a code sent to the new address. */
export async function changeEmail(body: Parameters<typeof askForEmail>[0]): Promise<void> {
	keepEmail(await askForEmail(body));
}

export async function keepOldEmail(): Promise<void> {
	await giveUpEmail();
	keepEmail(null);
}

/** The number that waits for its code. That its text could not be sent becomes known a while later. */
export const createPhoneProofQuery = () =>
	createQuery(() => ({
		queryKey: keys.phoneProof,
		queryFn: async ({ signal }) => (await call(api.GET('/api/v1/me/phone', { signal }))).pending,
		refetchInterval: ({ state: { data } }) => (data && !data.failed ? 5000 : false)
	}));

const keepPhone = (pending: PendingPhone | null) =>
	queryClient.setQueryData(keys.phoneProof, pending);

/** Has a code sent by text. */
export async function provePhone(phone: string): Promise<void> {
	keepPhone((await call(api.POST('/api/v1/me/phone', { body: { phone } }))).pending);
}

export async function confirmPhone(code: string): Promise<void> {
	session.update(await call(api.POST('/api/v1/me/phone/confirm', { body: { code } })));
	keepPhone(null);
}

export const createNotificationsQuery = () =>
	createQuery(() => ({
		queryKey: keys.notifications,
		queryFn: async ({ signal }) =>
			(await call(api.GET('/api/v1/me/notifications', { signal }))).items
	}));

type Choice = Pick<NotificationChoice, 'topic' | 'channel' | 'enabled'>;

/** Shown as chosen at once; back when it could not be saved. */
export const createChoosing = () =>
	createMutation(() => ({
		mutationFn: async ({ topic, channel, enabled }: Choice) =>
			(
				await call(
					api.PATCH('/api/v1/me/notifications', {
						body: { choices: [{ topic, channel, enabled }] }
					})
				)
			).items,
		// One after the other: the last answer is the newest.
		scope: { id: 'notifications' },
		onMutate: async (choice) => {
			await queryClient.cancelQueries({ queryKey: keys.notifications });
			const before = queryClient.getQueryData<NotificationChoice[]>(keys.notifications);
			const after = before?.map((one) =>
				one.topic === choice.topic && one.channel === choice.channel
					? { ...one, enabled: choice.enabled }
					: one
			);
			queryClient.setQueryData(keys.notifications, after);
			return before;
		},
		onError: (_error, _choice, before) => queryClient.setQueryData(keys.notifications, before),
		onSettled: () => queryClient.invalidateQueries({ queryKey: keys.notifications })
	}));

export const createQuestionsQuery = () =>
	createQuery(() => ({
		queryKey: keys.questions,
		queryFn: async ({ signal }) =>
			(await call(api.GET('/api/v1/me/security-questions', { signal }))).items
	}));

/** These instead of those before. */
export async function setQuestions(
	body: Body<'/api/v1/me/security-questions', 'put'>
): Promise<void> {
	const { items } = await call(api.PUT('/api/v1/me/security-questions', { body }));
	queryClient.setQueryData(keys.questions, items);
}
