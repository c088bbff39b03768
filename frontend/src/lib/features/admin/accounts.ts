/** What can be done to an account, and how it is said. */
import type { AccountMove } from '#lib/api/queries/accounts.ts';
import type { Account, Role } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';

/** These cannot be taken back: they are asked about before. */
export type GraveMove = Extract<AccountMove, 'disable' | 'sign-out' | 'require-password-change'>;

const roles: Record<Role, () => string> = {
	customer: m.admin_customer,
	agent: m.admin_col_agent,
	admin: m.admin_role_admin
};
export const roleLabel = (role: Role): string => roles[role]();

/** An agent who was invited and has not joined. */
export const isInvited = (account: Account): boolean =>
	account.role === 'agent' && !account.email_confirmed && !account.has_password;

export const isLocked = (account: Account, now = Date.now()): boolean =>
	account.locked_until !== null && Date.parse(account.locked_until) > now;

/** What makes sense for this account now, the gravest last. */
export function movesFor(account: Account): AccountMove[] {
	if (account.disabled) return ['enable'];
	const moves: [AccountMove, boolean][] = [
		['invite', isInvited(account)],
		['unlock', isLocked(account)],
		['sign-out', account.sessions > 0],
		['require-password-change', account.has_password && !account.password_change_required],
		['disable', true]
	];
	return moves.filter(([, sensible]) => sensible).map(([move]) => move);
}

const labels: Record<AccountMove, () => string> = {
	disable: m.admin_disable,
	enable: m.admin_enable,
	unlock: m.admin_account_unlock,
	'sign-out': m.admin_account_sign_out,
	'require-password-change': m.admin_account_renew,
	invite: m.admin_invite_again
};
export const moveLabel = (move: AccountMove): string => labels[move]();

const dones: Record<AccountMove, (who: { name: string; email: string }) => string> = {
	disable: m.admin_disabled,
	enable: m.admin_enabled,
	unlock: m.admin_account_unlocked,
	'sign-out': m.admin_account_signed_out,
	'require-password-change': m.admin_account_renew_done,
	invite: m.admin_invited
};
export const doneText = (move: AccountMove, { name, email }: Account): string =>
	dones[move]({ name, email });

const questions: Record<GraveMove, (who: { name: string }) => string> = {
	disable: m.admin_disable_title,
	'sign-out': m.admin_account_sign_out_title,
	'require-password-change': m.admin_account_renew_title
};
export const questionText = (move: GraveMove, { name }: Account): string =>
	questions[move]({ name });

/** What will happen, one sentence each. */
export function effectsOf(move: GraveMove, account: Account): string[] {
	if (move === 'disable')
		return [
			m.admin_disable_out(),
			...(account.role === 'agent' ? [m.admin_account_disable_tickets()] : []),
			m.admin_disable_back()
		];
	if (move === 'sign-out')
		return [m.admin_account_sign_out_now(), m.admin_account_sign_out_again()];
	return [
		m.admin_account_renew_next(),
		m.admin_account_renew_sessions(),
		m.admin_account_renew_providers()
	];
}
