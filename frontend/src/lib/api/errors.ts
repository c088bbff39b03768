/**
 * One shape for everything that can go wrong, and one place that turns it into words.
 * The API answers errors as application/problem+json with a closed set of codes.
 */
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { writeWait } from '#lib/ui/wait.ts';
import type { components } from './schema.gen.ts';

export type Problem = components['schemas']['Problem'];
export type ProblemCode = Problem['code'];
export type FieldError = NonNullable<Problem['errors']>[number];

/** The API answered with a problem. */
export class ApiError extends Error {
	readonly status: number;
	readonly code: ProblemCode;
	readonly detail: string;
	readonly requestId: string | undefined;
	readonly errors: readonly FieldError[];
	/** Seconds the server asked us to wait, when it did. */
	readonly retryAfter: number | undefined;

	constructor(problem: Partial<Problem> & { status: number }, retryAfter?: number) {
		super(problem.detail ?? problem.title ?? `HTTP ${problem.status}`);
		this.name = 'ApiError';
		this.status = problem.status;
		this.code = problem.code ?? codeOfStatus(problem.status);
		this.detail = problem.detail ?? '';
		this.requestId = problem.instance?.replace(/^urn:request:/, '');
		this.errors = problem.errors ?? [];
		this.retryAfter = retryAfter;
	}
}

/** Nobody answered: no network, server away, or it took too long. */
export class UnreachableError extends Error {
	constructor(cause?: unknown) {
		super('The server could not be reached.', { cause });
		this.name = 'UnreachableError';
	}
}

function codeOfStatus(status: number): ProblemCode {
	if (status === 401) return 'unauthenticated';
	if (status === 403) return 'forbidden';
	if (status === 404) return 'not_found';
	if (status === 409) return 'conflict';
	if (status === 412) return 'stale_version';
	if (status === 413) return 'payload_too_large';
	if (status === 422) return 'invalid';
	if (status === 429) return 'rate_limited';
	if (status === 502 || status === 503 || status === 504) return 'unavailable';
	return status >= 500 ? 'internal' : 'bad_request';
}

/** Makes an ApiError out of whatever body came with a failed response. */
export function apiError(response: Response, body: unknown): ApiError {
	const after = Number(response.headers.get('retry-after'));
	const retryAfter = Number.isFinite(after) && after > 0 ? after : undefined;
	const problem =
		body && typeof body === 'object' && 'code' in body ? (body as Partial<Problem>) : {};
	return new ApiError({ ...problem, status: response.status }, retryAfter);
}

/** Somebody (a route change, a newer request) stopped it on purpose: nothing to tell. */
export function isAbort(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'AbortError';
}

export const isApiError = (error: unknown, ...codes: ProblemCode[]): error is ApiError =>
	error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));

/** Worth trying again without changing anything? */
export function isTemporary(error: unknown): boolean {
	if (error instanceof UnreachableError) return true;
	if (!(error instanceof ApiError)) return false;
	return error.status >= 500 || error.code === 'rate_limited';
}

/** When it may be tried again: "in 40 seconds". Undefined when the server did not say. */
export const whenAgain = ({ retryAfter }: ApiError): string | undefined =>
	retryAfter === undefined ? undefined : writeWait(retryAfter, getLocale());

function tooOften(error: ApiError): string {
	const when = whenAgain(error);
	return when ? m.error_rate_limited_until({ when }) : m.error_rate_limited();
}

const codeText: Record<ProblemCode, (error: ApiError) => string> = {
	bad_request: m.error_bad_request,
	unauthenticated: m.error_session_ended,
	forbidden: m.error_forbidden,
	not_found: m.error_not_found,
	method_not_allowed: m.error_bad_request,
	not_acceptable: m.error_bad_request,
	conflict: m.error_conflict,
	illegal_move: m.error_illegal_move,
	stale_version: m.error_stale_version,
	payload_too_large: m.error_payload_too_large,
	unsupported_media_type: m.error_bad_request,
	invalid: m.error_invalid,
	idempotency_mismatch: m.error_conflict,
	rate_limited: tooOften,
	internal: m.error_internal,
	unavailable: m.error_unavailable,
	wrong_credentials: m.error_wrong_credentials,
	email_unconfirmed: m.error_email_unconfirmed,
	code_wrong_or_expired: m.error_code_wrong_or_expired,
	reopen_window_over: m.error_reopen_window_over,
	session_ended: m.error_session_ended,
	provider_refused: m.error_provider_refused,
	password_change_required: m.error_password_change_required,
	lockdown: m.error_lockdown,
	// `ChallengeForm` says it in its own words.
	challenge_over: m.error_session_ended,
	// Whoever it is due for is led there before anything is asked of the API.
	second_factor_due: m.error_forbidden
};

const fieldText: Record<FieldError['code'], () => string> = {
	required: m.error_field_required,
	too_short: m.error_field_too_short,
	too_long: m.error_field_too_long,
	malformed: m.error_field_malformed,
	too_common: m.error_field_too_common,
	contains_personal: m.error_field_contains_personal,
	mismatch: m.error_field_mismatch,
	out_of_range: m.error_field_out_of_range,
	not_allowed: m.error_field_not_allowed,
	taken: m.error_field_taken,
	unknown: m.error_field_unknown
};

/** The words for one field: the server's own are more exact, but only spoken in English. */
export function fieldMessage(error: FieldError): string {
	if (getLocale() === 'en' && error.detail) return error.detail;
	return (fieldText[error.code] ?? m.error_field_malformed)();
}

/** "/contact/email" -> "contact.email"; "" is the form itself. */
export function pointerToField(pointer: string): string {
	return pointer
		.split('/')
		.slice(1)
		.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
		.join('.');
}

/** The first message for each field of a 422, by field path. */
export function fieldErrors(error: unknown): Record<string, string> {
	const fields: Record<string, string> = {};
	if (!(error instanceof ApiError)) return fields;
	for (const one of error.errors) fields[pointerToField(one.pointer)] ??= fieldMessage(one);
	return fields;
}

/** What went wrong, in one kind sentence, and what may help. */
export function describe(error: unknown): App.Error & { status: number } {
	if (error instanceof UnreachableError) {
		return { status: 503, message: m.error_unreachable(), retry: true };
	}
	if (error instanceof ApiError) {
		const text: (error: ApiError) => string = codeText[error.code] ?? m.error_internal;
		return {
			status: error.status,
			message: text(error),
			retry: isTemporary(error),
			loginNeeded: isApiError(error, 'unauthenticated', 'session_ended'),
			requestId: error.status >= 500 ? error.requestId : undefined
		};
	}
	return { status: 500, message: m.error_internal(), retry: true };
}

export const errorText = (error: unknown): string => describe(error).message;

type Listener = (message: string, error: unknown) => void;
let listener: Listener | undefined;

/** The one funnel for errors nobody shows beside a field: becomes a toast. Aborts are silent. */
export function report(error: unknown): void {
	if (isAbort(error)) return;
	if (!(error instanceof ApiError) && !(error instanceof UnreachableError)) console.error(error);
	listener?.(errorText(error), error);
}

/** Where `report` sends its words (the root layout shows them as toasts). */
export function onReport(next: Listener): () => void {
	listener = next;
	return () => {
		if (listener === next) listener = undefined;
	};
}
