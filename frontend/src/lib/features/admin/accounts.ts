/** What can be done to an account, and how it is said. */
import type { AccountMove } from '#lib/api/queries/accounts.ts';
import type { Account, Role } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';

/** These cannot be taken back: they are asked about before. */
const graveMoves = [
	'disable',
	'sign-out',
	'require-password-change',
	'remove-second-factor'
] as const satisfies AccountMove[];
export type GraveMove = (typeof graveMoves)[number];
export const isGrave = (move: AccountMove): move is GraveMove =>
	graveMoves.some((one) => one === move);

const roles: Record<Role, () => string> = {
	customer: m.admin_customer,
	agent: m.admin_col_agent,
	admin: m.admin_role_admin
};
export const roleLabel = (role: Role): string => roles[role]();

export const rolesInOrder: Role[] = ['customer', 'agent', 'admin'];
const manyOf: Record<Role, () => string> = {
	customer: m.admin_nav_customers,
	agent: m.admin_nav_agents,
	admin: m.admin_role_admins
};
/** "Agents, Admins" */
export const rolesLabel = (some: Role[]): string =>
	rolesInOrder
		.filter((role) => some.includes(role))
		.map((role) => manyOf[role]())
		.join(', ');

/** An agent who was invited and has not joined. */
export const isInvited = (account: Account): boolean =>
	account.role === 'agent' && !account.email_confirmed && !account.has_password;

export const isLocked = (account: Account, now = Date.now()): boolean =>
	account.locked_until !== null && Date.parse(account.locked_until) > now;

/** What makes sense for this account now, the gravest last. `me` asks: one's own second factor takes its code to turn off. */
export function movesFor(account: Account, me?: string): AccountMove[] {
	if (account.disabled) return ['enable'];
	const moves: [AccountMove, boolean][] = [
		['invite', isInvited(account)],
		['unlock', isLocked(account)],
		['sign-out', account.sessions > 0],
		['require-password-change', account.has_password && !account.password_change_required],
		['remove-second-factor', account.second_factor && account.id !== me],
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
	'remove-second-factor': m.admin_second_remove,
	invite: m.admin_invite_again
};
export const moveLabel = (move: AccountMove): string => labels[move]();

const dones: Record<AccountMove, (who: { name: string; email: string }) => string> = {
	disable: m.admin_disabled,
	enable: m.admin_enabled,
	unlock: m.admin_account_unlocked,
	'sign-out': m.admin_account_signed_out,
	'require-password-change': m.admin_account_renew_done,
	'remove-second-factor': m.admin_second_removed,
	invite: m.admin_invited
};
export const doneText = (move: AccountMove, { name, email }: Account): string =>
	dones[move]({ name, email });

const questions: Record<GraveMove, (who: { name: string }) => string> = {
	disable: m.admin_disable_title,
	'sign-out': m.admin_account_sign_out_title,
	'require-password-change': m.admin_account_renew_title,
	'remove-second-factor': m.admin_second_remove_title
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
	if (move === 'remove-second-factor')
		return [
			m.admin_second_remove_sure(),
			m.admin_second_remove_next(),
			m.admin_second_remove_told()
		];
	if (move === 'sign-out')
		return [m.admin_account_sign_out_now(), m.admin_account_sign_out_again()];
	return [
		m.admin_account_renew_next(),
		m.admin_account_renew_sessions(),
		m.admin_account_renew_providers()
	];
}
