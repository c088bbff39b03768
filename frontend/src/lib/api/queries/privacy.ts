/** A copy of one's data, and deleting one's account. */
import { createQuery } from '@tanstack/svelte-query';
import { api, call, transfer } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { Body, Deletion, MyExport } from '../types.ts';
import { reloadMe } from './me.ts';

const EXPORT = '/api/v1/me/export';
const DELETION = '/api/v1/me/deletion';

/** Null when there is none. While it is being prepared it is asked for again and again. */
export const createExportQuery = () =>
	createQuery(() => ({
		queryKey: keys.myExport,
		queryFn: async ({ signal }): Promise<MyExport | null> =>
			(await call(api.GET(EXPORT, { signal }))).export,
		refetchInterval: ({ state: { data } }) => (data?.state === 'preparing' ? 2000 : false)
	}));

const keepExport = (found: MyExport | null) => queryClient.setQueryData(keys.myExport, found);

export async function askForExport(body: Body<typeof EXPORT, 'post'>): Promise<void> {
	keepExport((await call(api.POST(EXPORT, { body }))).export);
}

export const downloadExport = async (): Promise<Blob> =>
	(await transfer(`${EXPORT}/archive`)).blob();

export async function dropExport(): Promise<void> {
	await call(api.DELETE(EXPORT));
	keepExport(null);
}

export const lookForExport = (): Promise<void> =>
	queryClient.invalidateQueries({ queryKey: keys.myExport });

export const createDeletionQuery = () =>
	createQuery(() => ({
		queryKey: keys.deletion,
		queryFn: ({ signal }): Promise<Deletion> => call(api.GET(DELETION, { signal }))
	}));

export const lookAtDeletion = (): Promise<void> =>
	queryClient.invalidateQueries({ queryKey: keys.deletion });

/** What is done is done, whether or not it can be seen at once. */
const lookAtMe = (): Promise<unknown> => reloadMe().catch(() => undefined);

export async function deleteAccount(body: Body<typeof DELETION, 'post'>): Promise<void> {
	const asked = await call(api.POST(DELETION, { body }));
	await lookAtMe();
	queryClient.setQueryData(keys.deletion, asked);
}

/** Not after all. */
export async function keepAccount(): Promise<void> {
	await call(api.DELETE(DELETION));
	await Promise.all([lookAtMe(), lookAtDeletion()]);
}
