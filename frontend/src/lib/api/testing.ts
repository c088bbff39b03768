/** For tests: a person, answers of the API, and the few browser parts that Node lacks. */
import { vi } from 'vitest';
import type { Me } from './types.ts';

/** A localStorage of one's own. */
export function fakeStorage(): Storage {
	const map = new Map<string, string>();
	return {
		get length() {
			return map.size;
		},
		clear: () => map.clear(),
		getItem: (key) => map.get(key) ?? null,
		setItem: (key, value) => void map.set(key, String(value)),
		removeItem: (key) => void map.delete(key),
		key: (index) => [...map.keys()][index] ?? null
	};
}

export function useFakeStorage(): Storage {
	const storage = fakeStorage();
	vi.stubGlobal('localStorage', storage);
	return storage;
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
	new Response(body === undefined ? null : JSON.stringify(body), {
		status,
		headers: { 'content-type': 'application/json', ...headers }
	});

export const problem = (status: number, code: string, more: object = {}): Response =>
	json(
		{
			type: 'about:blank',
			title: code,
			status,
			detail: '',
			instance: 'urn:request:r1',
			code,
			errors: [],
			...more
		},
		status
	);

/** A person as `GET /me` tells of them: Asha, a customer with a password, unless said otherwise. */
export const someone = (more: Partial<Me> = {}): Me => ({
	id: 'u1',
	role: 'customer',
	name: 'Asha',
	email: 'asha@example.org',
	phone: null,
	phone_confirmed: false,
	avatar: null,
	locale: 'en',
	time_zone: 'UTC',
	email_confirmed: true,
	has_password: true,
	deletion_due_at: null,
	created_at: '2026-01-01T00:00:00Z',
	version: 1,
	...more
});

/** A promise and its handles. */
export function deferred<T>() {
	let resolve!: (value: T) => void;
	let reject!: (error: unknown) => void;
	const promise = new Promise<T>((yes, no) => {
		resolve = yes;
		reject = no;
	});
	return { promise, resolve, reject };
}
