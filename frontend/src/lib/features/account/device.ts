/** The words for a browser or program, and for how and where somebody signed in with it. */
import Laptop from '@lucide/svelte/icons/laptop';
import Smartphone from '@lucide/svelte/icons/smartphone';
import type { Device, SignInEntry, SignedInPlace } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Icon } from '#lib/ui/types.ts';

/** "Firefox on Windows". It is what the browser says of itself; anybody can claim anything. */
export function deviceName({ browser, system }: Device): string {
	if (browser && system) return m.auth_device_on({ browser, system });
	return browser ?? system ?? m.auth_device_unknown();
}

const handy = new Set(['Android', 'iPhone', 'iPad']);

export const deviceIcon = ({ system }: Device): Icon =>
	handy.has(system ?? '') ? Smartphone : Laptop;

const methods: Record<Exclude<SignInEntry['method'], 'provider'>, () => string> = {
	password: m.auth_method_password,
	confirmation: m.auth_method_confirmation,
	invitation: m.auth_method_invitation
};

/** Providers have names of their own ("google"); they are written as their owners do where we know them. */
const brands: Record<string, string> = { google: 'Google', linkedin: 'LinkedIn' };

/** "with the password" */
export function methodName({
	method,
	provider
}: Pick<SignedInPlace, 'method' | 'provider'>): string {
	if (method !== 'provider') return methods[method]();
	return m.auth_method_provider({ label: brands[provider ?? ''] ?? provider ?? '' });
}

/** "address 203.0.113.7, roughly in Linköping, Sweden". Places are in English whatever the language; they are null when the
 * server knows none. */
export function whereFrom({ ip, place }: Pick<SignedInPlace, 'ip' | 'place'>): string {
	return place ? m.auth_sessions_ip_place({ ip, place }) : m.auth_sessions_ip({ ip });
}

const outcomes: Record<SignInEntry['outcome'], () => string> = {
	signed_in: m.auth_outcome_signed_in,
	wrong_password: m.auth_outcome_wrong_password,
	challenged: m.auth_outcome_challenged,
	wrong_code: m.auth_outcome_wrong_code,
	locked: m.auth_outcome_locked,
	unconfirmed: m.auth_outcome_unconfirmed,
	disabled: m.auth_outcome_disabled,
	password_change_required: m.auth_outcome_password_change_required
};

/** How an attempt to sign in ended. */
export const outcomeName = (outcome: SignInEntry['outcome']): string => outcomes[outcome]();
