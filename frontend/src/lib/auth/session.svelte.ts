/**
 * Who is signed in. The access token lives in this object only; the refresh token is an HttpOnly cookie
 * this code never sees. All tabs share one session: a sign-in, a renewal or a sign-out in one is at once
 * true in the others, and two tabs never renew at the same time (a refresh token works once).
 */
import { ApiError, isApiError, UnreachableError } from '#lib/api/errors.ts';
import { call, csrf, http } from '#lib/api/http.ts';
import { withLock } from '#lib/api/locks.ts';
import { store } from '#lib/api/store.ts';
import type { Body, Challenge, Me, Session as SessionBody } from '#lib/api/types.ts';

type Invitation = Body<'/api/v1/auth/accept-invitation', 'post'>;

/** The password, or the provider's word, was right; a code is asked for, too. */
export class OneMoreStep extends Error {
	readonly challenge: Challenge;

	constructor(challenge: Challenge) {
		super('A code is asked for, too.');
		this.name = 'OneMoreStep';
		this.challenge = challenge;
	}
}

export type SessionStatus =
	/** not asked yet */
	| 'unknown'
	| 'signed_out'
	| 'signed_in'
	/** it ended under our hands: sign in again in a dialog, requests wait meanwhile */
	| 'expired'
	/** there should be a session, but nobody answers */
	| 'unreachable';

export type SessionEvent = 'signed-in' | 'signed-out' | 'other-person';

type Message =
	| { type: 'session'; token: string; expiresAt: number; user: Me; due: boolean }
	| { type: 'freed' }
	| { type: 'user'; user: Me }
	| { type: 'signed-out' };

/** Says that a cookie is worth trying, so that a visitor's page makes no request that can only fail. */
const HINT = 'care_signed_in';
/** A sign-out the server has not heard of yet. */
const UNFINISHED = 'care_signing_out';
/** Renew this long before the token runs out. */
const MARGIN_MS = 30_000;

const renewal = (): Promise<SessionBody> =>
	call(http.POST('/api/v1/auth/refresh', { body: { session: 'cookie' }, headers: csrf }));

export class Session {
	user = $state<Me | null>(null);
	status = $state<SessionStatus>('unknown');
	/** The role needs a second factor: the API refuses everything else until it is set up. */
	secondFactorDue = $state(false);

	#token: string | undefined;
	#expiresAt = 0;
	#starting: Promise<void> | undefined;
	#renewing: Promise<void> | undefined;
	#waiting: ((token: string | undefined) => void)[] = [];
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody draws listeners
	#listeners = new Set<(event: SessionEvent) => void>();
	#channel: BroadcastChannel | undefined;

	constructor() {
		if (typeof BroadcastChannel === 'undefined') return;
		this.#channel = new BroadcastChannel('care_session');
		this.#channel.addEventListener('message', (event) => this.#hear(event.data as Message));
	}

	get signedIn(): boolean {
		return this.user !== null;
	}

	/** Resolves when it is known whether somebody is signed in. Safe to call often. */
	ready(): Promise<void> {
		this.#starting ??= this.#start();
		return this.#starting;
	}

	async #start(): Promise<void> {
		if (this.status !== 'unknown') return;
		if (store.get(UNFINISHED)) await this.#finishSignOut();
		else if (store.get(HINT)) await this.#tryRenew();
		else this.status = 'signed_out';
	}

	/** Asks again after "unreachable". */
	async retry(): Promise<void> {
		if (this.status === 'unreachable') await this.#tryRenew();
	}

	async #tryRenew(): Promise<void> {
		try {
			await this.#renew();
		} catch {
			if (this.user === null) this.status = 'unreachable';
		}
	}

	/** A token that still works for a while; undefined when nobody is signed in. */
	async token(): Promise<string | undefined> {
		await this.ready();
		if (this.status === 'signed_out') return undefined;
		if (this.status === 'expired') return this.#whenSignedInAgain();
		if (this.#fresh()) return this.#token;
		return this.renew(this.#token);
	}

	/** A token other than the one that was `refused`. */
	async renew(refused: string | undefined): Promise<string | undefined> {
		if (this.#token === refused || !this.#fresh()) await this.#renew();
		return this.status === 'expired' ? this.#whenSignedInAgain() : this.#token;
	}

	#fresh(): boolean {
		return this.#token !== undefined && Date.now() < this.#expiresAt - MARGIN_MS;
	}

	#whenSignedInAgain(): Promise<string | undefined> {
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	/** One renewal at a time in this tab, and one at a time in this browser. */
	#renew(): Promise<void> {
		const before = this.#token;
		const asked = Date.now();
		this.#renewing ??= withLock('care_session', async () => {
			// Another tab renewed while we waited for our turn; its word may still be on the way.
			if (Date.now() - asked > 5) await new Promise((resolve) => setTimeout(resolve, 30));
			if (this.#token !== before && this.#fresh()) return;
			try {
				this.adopt(await renewal());
			} catch (error) {
				if (error instanceof ApiError && (error.status === 401 || error.status === 403))
					this.#ended();
				else throw error;
			}
		}).finally(() => {
			this.#renewing = undefined;
		});
		return this.#renewing;
	}

	async signIn(email: string, password: string): Promise<Me> {
		const body = { email, password, session: 'cookie' as const };
		const answer = http.POST('/api/v1/auth/sign-in', { body, headers: csrf });
		return this.admit(await call(answer));
	}

	/** Takes over the session of an answer; throws `OneMoreStep` when a code is asked for first. */
	admit(body: SessionBody | Challenge): Me {
		if ('challenge_token' in body) throw new OneMoreStep(body);
		return this.adopt(body);
	}

	/** Confirms the address by the mailed link or code, which also signs in. */
	async confirm(proof: { token: string } | { email: string; code: string }): Promise<Me> {
		const body = { ...proof, session: 'cookie' as const };
		return this.adopt(await call(http.POST('/api/v1/auth/confirm-email', { body, headers: csrf })));
	}

	async acceptInvitation(invitation: Omit<Invitation, 'session'>): Promise<Me> {
		const body = { ...invitation, session: 'cookie' as const };
		return this.adopt(
			await call(http.POST('/api/v1/auth/accept-invitation', { body, headers: csrf }))
		);
	}

	/** Takes over a session the API just gave (sign-in, confirmation, invitation, renewal). */
	adopt(body: SessionBody): Me {
		const expiresAt = Date.now() + body.expires_in * 1000;
		const { access_token: token, user, second_factor_due: due = false } = body;
		store.remove(UNFINISHED);
		store.set(HINT, '1');
		this.#take(token, expiresAt, user, due);
		this.#tell({ type: 'session', token, expiresAt, user, due });
		return user;
	}

	/** The second factor that was due is set up. */
	freed(): void {
		this.secondFactorDue = false;
		this.#tell({ type: 'freed' });
	}

	/** The person's own record changed (name, language …). */
	update(user: Me): void {
		if (this.user?.id !== user.id) return;
		this.user = user;
		this.#tell({ type: 'user', user });
	}

	#take(token: string, expiresAt: number, user: Me, due: boolean): void {
		const before = this.user;
		this.secondFactorDue = due;
		this.#token = token;
		this.#expiresAt = expiresAt;
		this.user = user;
		this.status = 'signed_in';
		this.#starting ??= Promise.resolve();
		// Requests that waited were made by the person before; never send them as somebody else.
		const same = before === null || before.id === user.id;
		this.#release(same ? token : undefined);
		if (!same) this.#emit('other-person');
		else if (before === null) this.#emit('signed-in');
	}

	#ended(): void {
		store.remove(HINT);
		this.#token = undefined;
		if (this.user) this.status = 'expired';
		else this.status = 'signed_out';
	}

	/** Ends the session here, in every tab, and on the server (as soon as it can be reached). */
	async signOut(): Promise<void> {
		store.set(UNFINISHED, '1');
		const token = this.status === 'expired' ? undefined : await this.token().catch(() => undefined);
		this.#forget();
		this.#tell({ type: 'signed-out' });
		if (token) await this.#signOutWith(token);
		else if (this.status === 'expired') store.remove(UNFINISHED);
	}

	async #signOutWith(token: string): Promise<void> {
		try {
			await call(
				http.POST('/api/v1/auth/sign-out', {
					headers: { ...csrf, authorization: `Bearer ${token}` }
				})
			);
			store.remove(UNFINISHED);
		} catch (error) {
			// The session was over already: that is what we wanted. Otherwise the next start tries again.
			if (isApiError(error, 'unauthenticated', 'session_ended')) store.remove(UNFINISHED);
			else if (!(error instanceof UnreachableError) && !(error instanceof ApiError)) throw error;
		}
	}

	async #finishSignOut(): Promise<void> {
		this.status = 'signed_out';
		try {
			await this.#signOutWith((await renewal()).access_token);
		} catch (error) {
			// Nothing left to end. Or still unreachable: then the next start tries again.
			if (isApiError(error, 'unauthenticated', 'session_ended')) store.remove(UNFINISHED);
		}
	}

	#forget(): void {
		const had = this.user !== null;
		store.remove(HINT);
		this.#token = undefined;
		this.#expiresAt = 0;
		this.secondFactorDue = false;
		this.user = null;
		this.status = 'signed_out';
		this.#release(undefined);
		if (had) this.#emit('signed-out');
	}

	#release(token: string | undefined): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const resolve of waiting) resolve(token);
	}

	#hear(message: Message): void {
		if (message.type === 'session')
			this.#take(message.token, message.expiresAt, message.user, message.due);
		else if (message.type === 'freed') this.secondFactorDue = false;
		else if (message.type === 'user' && this.user?.id === message.user.id) this.user = message.user;
		else if (message.type === 'signed-out') this.#forget();
	}

	#tell(message: Message): void {
		// Svelte's proxies cannot be cloned into a message.
		this.#channel?.postMessage($state.snapshot(message));
	}

	/** Calls back when somebody signs in, signs out, or another person takes over. */
	on(listener: (event: SessionEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#emit(event: SessionEvent): void {
		for (const listener of this.#listeners) listener(event);
	}

	/** For tests: stops listening to other tabs. */
	close(): void {
		this.#channel?.close();
	}
}

export const session = new Session();
