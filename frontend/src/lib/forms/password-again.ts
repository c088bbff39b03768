/** The current password once more, for what a stolen session alone must not do. Who has none is not asked. */
import * as v from 'valibot';
import { isApiError } from '#lib/api/errors.ts';
import type { Me } from '#lib/api/types.ts';
import { m } from '#lib/paraglide/messages.js';
import { anyPassword } from './schema.ts';

/** The rule for the field. */
export const passwordAgain = (user: Me) => (user.has_password ? anyPassword() : v.string());

/** The part of a request's body. */
export const typedPassword = (user: Me, typed: string): { current_password?: string } =>
	user.has_password ? { current_password: typed } : {};

/** For a form's `onerror`: whether it was the wrong password, which is then said at its field. */
export function wrongPassword(
	error: unknown,
	form: { errors: Record<string, string | undefined> }
): boolean {
	const wrong =
		isApiError(error, 'invalid') &&
		error.errors.some(
			({ pointer, code }) => pointer === '/current_password' && code === 'mismatch'
		);
	if (wrong) form.errors = { current_password: m.auth_password_wrong() };
	return wrong;
}
