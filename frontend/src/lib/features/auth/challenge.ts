/** The second step of signing in. */
import { call, csrf, http } from '#lib/api/http.ts';
import type { Challenge, Me } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';

/** Signs in with the code that a challenge asks for. */
export async function passChallenge(
	{ challenge_token }: Challenge,
	method: Challenge['methods'][number],
	code: string
): Promise<Me> {
	const body = { challenge_token, method, code, session: 'cookie' as const };
	const answer = http.POST('/api/v1/auth/challenge', { body, headers: csrf });
	return session.adopt(await call(answer));
}

/** Mails another code; how many seconds to wait before the next. */
export async function sendCodeAgain({ challenge_token }: Challenge): Promise<number> {
	const answer = http.POST('/api/v1/auth/challenge/resend', { body: { challenge_token } });
	return (await call(answer)).retry_after_seconds;
}
