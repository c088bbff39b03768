import { expect, test } from 'vitest';
import { looksLikeEmail, plain, required } from './plain.ts';

const rules = plain({ email: [required, looksLikeEmail], password: [required] }, ['password']);
const check = (email: string, password: string) => rules['~standard'].validate({ email, password });

test('good values come back trimmed, secrets as they are', () => {
	expect(check(' asha@example.org ', ' secret ')).toEqual({
		value: { email: 'asha@example.org', password: ' secret ' }
	});
});

test('each field says its first fault', () => {
	expect(check('', '')).toMatchObject({
		issues: [
			{ path: ['email'], message: 'Please fill this in.' },
			{ path: ['password'], message: 'Please fill this in.' }
		]
	});
	expect(check('asha', 'x')).toMatchObject({ issues: [{ path: ['email'] }] });
});
