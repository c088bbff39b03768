import { expect, test } from 'vitest';
import type { Account } from '#lib/api/types.ts';
import { isGrave, isInvited, isLocked, movesFor, rolesLabel } from './accounts.ts';

const account = (more: Partial<Account> = {}): Account => ({
	id: 'u1',
	role: 'customer',
	name: 'Asha',
	email: 'asha@example.org',
	avatar: null,
	email_confirmed: true,
	has_password: true,
	disabled: false,
	locked_until: null,
	password_change_required: false,
	second_factor: false,
	sessions: 0,
	last_seen_at: null,
	created_at: '2026-01-01T00:00:00Z',
	version: 1,
	...more
});
const soon = () => new Date(Date.now() + 60_000).toISOString();

test('only what makes sense is offered, the gravest last', () => {
	expect(movesFor(account())).toEqual(['require-password-change', 'disable']);
	expect(movesFor(account({ sessions: 2, locked_until: soon() }))).toEqual([
		'unlock',
		'sign-out',
		'require-password-change',
		'disable'
	]);
	expect(movesFor(account({ password_change_required: true }))).toEqual(['disable']);
	expect(movesFor(account({ has_password: false }))).toEqual(['disable']);
	expect(movesFor(account({ disabled: true, sessions: 1 }))).toEqual(['enable']);
});

test('a second factor is taken from others only: one’s own takes its code', () => {
	const owner = account({ second_factor: true });
	expect(movesFor(owner, 'grace')).toContain('remove-second-factor');
	expect(movesFor(owner, owner.id)).not.toContain('remove-second-factor');
	expect(movesFor(account(), 'grace')).not.toContain('remove-second-factor');
	expect(isGrave('remove-second-factor')).toBe(true);
	expect(isGrave('unlock')).toBe(false);
});

test('roles are named in one order', () => {
	expect(rolesLabel(['admin', 'customer'])).toBe('Customers, Admins');
	expect(rolesLabel([])).toBe('');
});

test('an invitation is sent again to agents who have not joined', () => {
	const invited = { email_confirmed: false, has_password: false };
	expect(isInvited(account({ ...invited, role: 'agent' }))).toBe(true);
	expect(movesFor(account({ ...invited, role: 'agent' }))).toEqual(['invite', 'disable']);
	expect(isInvited(account({ ...invited }))).toBe(false);
	expect(isInvited(account({ role: 'agent' }))).toBe(false);
});

test('a lock is over when its time is', () => {
	const now = Date.parse('2026-01-01T12:00:00Z');
	const locked = account({ locked_until: '2026-01-01T12:05:00Z' });
	expect(isLocked(locked, now)).toBe(true);
	expect(isLocked(locked, now + 5 * 60_000)).toBe(false);
	expect(isLocked(account(), now)).toBe(false);
});
