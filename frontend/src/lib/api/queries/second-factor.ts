/** The signed-in person's second factor; for admins, which roles can not do without one. */
import { createQuery } from '@tanstack/svelte-query';
import { api, call } from '../client.ts';
import { keys } from '../keys.ts';
import { queryClient } from '../query-client.ts';
import type { Body, SecondFactorProof, SecondFactorSetup } from '../types.ts';

export const createSecondFactorQuery = () =>
	createQuery(() => ({
		queryKey: keys.secondFactor,
		queryFn: ({ signal }) => call(api.GET('/api/v1/me/second-factor', { signal }))
	}));

const changed = () => queryClient.invalidateQueries({ queryKey: keys.secondFactor });

/** A new secret. Nothing changes until a code of it is confirmed. */
export const beginSecondFactor = (
	body: Body<'/api/v1/me/second-factor/begin', 'post'>
): Promise<SecondFactorSetup> => call(api.POST('/api/v1/me/second-factor/begin', { body }));

/** Turns it on; answers the recovery codes, which nobody can show again. */
export async function confirmSecondFactor(code: string): Promise<string[]> {
	const answer = call(api.POST('/api/v1/me/second-factor/confirm', { body: { code } }));
	const { recovery_codes } = await answer;
	void changed();
	return recovery_codes;
}

/** New recovery codes; those before are void. */
export async function renewRecoveryCodes(body: SecondFactorProof): Promise<string[]> {
	const answer = call(api.POST('/api/v1/me/second-factor/recovery-codes', { body }));
	const { recovery_codes } = await answer;
	void changed();
	return recovery_codes;
}

export async function turnSecondFactorOff(body: SecondFactorProof): Promise<void> {
	await call(api.POST('/api/v1/me/second-factor/turn-off', { body }));
	await changed();
}

export const createSecondFactorPolicyQuery = () =>
	createQuery(() => ({
		queryKey: keys.secondFactorPolicy,
		queryFn: ({ signal }) => call(api.GET('/api/v1/settings/second-factor', { signal }))
	}));

export async function requireSecondFactor(
	body: Body<'/api/v1/settings/second-factor', 'put'>
): Promise<void> {
	const now = await call(api.PUT('/api/v1/settings/second-factor', { body }));
	queryClient.setQueryData(keys.secondFactorPolicy, now);
}
