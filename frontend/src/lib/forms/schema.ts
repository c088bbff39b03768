/** The rules for what people enter, with their words. The API checks the same again. */
import * as v from 'valibot';
import { m } from '#lib/paraglide/messages.js';

const trimmed = () => v.pipe(v.string(), v.trim());

/** Required text between two lengths. */
export const text = (max: number, min = 1) =>
	v.pipe(
		trimmed(),
		v.nonEmpty(() => m.error_field_required()),
		v.minLength(min, () => m.error_field_at_least({ min })),
		v.maxLength(max, () => m.error_field_at_most({ max }))
	);

/** Text that may be left empty; empty becomes null. */
export const optionalText = (max: number) =>
	v.pipe(
		trimmed(),
		v.maxLength(max, () => m.error_field_at_most({ max })),
		v.transform((value) => (value === '' ? null : value))
	);

export const email = () =>
	v.pipe(
		trimmed(),
		v.nonEmpty(() => m.error_field_required()),
		v.maxLength(254, () => m.error_field_at_most({ max: 254 })),
		v.regex(/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/, () => m.error_field_email())
	);

/** Optional; empty becomes null. */
export const phone = () =>
	v.pipe(
		trimmed(),
		v.check(
			(value) =>
				value === '' || (/^\+?[\d\s().-]+$/.test(value) && value.length >= 4 && value.length <= 32),
			() => m.error_field_phone()
		),
		v.transform((value) => (value === '' ? null : value))
	);

export const PASSWORD_MIN = 8;
/** In UTF-8: what the hash can take. */
const PASSWORD_MAX_BYTES = 72;

export const newPassword = () =>
	v.pipe(
		v.string(),
		v.nonEmpty(() => m.error_field_required()),
		v.minLength(PASSWORD_MIN, () => m.error_field_at_least({ min: PASSWORD_MIN })),
		v.maxBytes(PASSWORD_MAX_BYTES, () => m.error_field_too_long())
	);

export const anyPassword = () =>
	v.pipe(
		v.string(),
		v.nonEmpty(() => m.error_field_required())
	);

export const code = () =>
	v.pipe(
		v.string(),
		v.transform((value) => value.replace(/\D/g, '')),
		v.length(6, () => m.error_field_code())
	);

/** Adds "the two do not match" under `password_confirmation`. */
export const passwordsMatch = <T extends { password: string; password_confirmation: string }>() =>
	v.forward<T, v.PartialCheckIssue<T> | v.CheckIssue<T>, ['password_confirmation']>(
		v.check(
			(input: T) => input.password === input.password_confirmation,
			() => m.error_field_mismatch()
		) as never,
		['password_confirmation'] as never
	);
