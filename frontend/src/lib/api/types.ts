/** The API's shapes under our own short names, all derived from the generated schema. */
import type { paths } from './schema.gen.ts';

type Json<T> = T extends { content: { 'application/json': infer B } } ? B : never;
type Method = 'get' | 'post' | 'put' | 'patch';

/** The API always sends every field, null where there is nothing; its description calls those fields optional. */
export type Full<T> = T extends readonly (infer U)[]
	? Full<U>[]
	: T extends object
		? { [K in keyof T]-?: Full<T[K]> }
		: T;

/** What `method path` answers when it works. */
export type Answer<P extends keyof paths, M extends Method> = paths[P] extends {
	[K in M]: { responses: infer R };
}
	? Full<Json<R[keyof R & (200 | 201 | 202)]>>
	: never;

/** The JSON body `method path` takes. */
export type Body<P extends keyof paths, M extends Method> = paths[P] extends {
	[K in M]: { requestBody: infer R };
}
	? Json<R>
	: never;

/** The query parameters of `GET path`. */
export type Query<P extends keyof paths> = paths[P] extends {
	get: { parameters: { query?: infer Q } };
}
	? NonNullable<Q>
	: never;

/** The tokens of the session and of the device stay in cookies this code never sees; the rest comes only when true. */
type Hidden = 'refresh_token' | 'device_token' | 'second_factor_due';
type SignIn = Answer<'/api/v1/auth/sign-in', 'post'>;
type SignedIn = Extract<SignIn, { access_token: string }>;
/** One more step before there is a session. */
export type Challenge = Extract<SignIn, { challenge_token: string }>;
export type Session = Omit<SignedIn, Hidden> & Partial<Pick<SignedIn, Hidden>>;
export type Me = Answer<'/api/v1/me', 'get'>;
export type Role = Me['role'];
/** A service people may sign in with (Google …). */
export type Provider = Answer<'/api/v1/auth/providers', 'get'>['items'][number];
/** Somebody at a provider, linked to an account here. */
export type Identity = Answer<'/api/v1/me/identities', 'get'>['items'][number];
/** A place where one is signed in (the tokens of a sign-in are a `Session`). */
export type SignedInPlace = Answer<'/api/v1/me/sessions', 'get'>['items'][number];
export type Device = SignedInPlace['device'];
export type SignInEntry = Answer<'/api/v1/me/sign-ins', 'get'>['items'][number];
export type SecondFactor = Answer<'/api/v1/me/second-factor', 'get'>;
/** A new secret for an authenticator app. */
export type SecondFactorSetup = Answer<'/api/v1/me/second-factor/begin', 'post'>;
/** Both proofs once more: the password and a code. */
export type SecondFactorProof = Body<'/api/v1/me/second-factor/turn-off', 'post'>;
export type Locale = Me['locale'];
/** Whether somebody hears of something, and how. */
export type NotificationChoice = Answer<'/api/v1/me/notifications', 'get'>['items'][number];
export type SecurityQuestion = Answer<'/api/v1/me/security-questions', 'get'>['items'][number];
/** A number that waits for its code. */
export type PendingPhone = NonNullable<Answer<'/api/v1/me/phone', 'get'>['pending']>;
/** A copy of one's data. */
export type MyExport = NonNullable<Answer<'/api/v1/me/export', 'get'>['export']>;
export type Deletion = Answer<'/api/v1/me/deletion', 'get'>;

export type Service = Answer<'/api/v1/services', 'get'>['items'][number];
export type ServiceIcon = Service['icon'];
export type NewService = Body<'/api/v1/services', 'post'>;
export type ServicePatch = Body<'/api/v1/services/{id}', 'patch'>;

export type Ticket = Answer<'/api/v1/tickets/{id}', 'get'>;
export type TicketKind = Ticket['kind'];
export type TicketStatus = Ticket['status'];
export type TicketPriority = Ticket['priority'];
export type Contact = Ticket['contact'];
export type ContactChannel = Contact['preferred_channel'];
export type Can = Ticket['can'];
export type TicketPage = Answer<'/api/v1/tickets', 'get'>;
export type TicketSummary = TicketPage['items'][number];
export type TicketFilters = Omit<Query<'/api/v1/tickets'>, 'cursor'>;
export type TicketCounts = Answer<'/api/v1/tickets/counts', 'get'>;
export type NewTicket = Body<'/api/v1/tickets', 'post'>;
export type TicketPatch = Body<'/api/v1/tickets/{id}', 'patch'>;

export type TimelinePage = Answer<'/api/v1/tickets/{id}/timeline', 'get'>;
export type Entry = TimelinePage['items'][number];
export type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>;
export type MessageEntry = EntryOf<'message'>;
export type NewMessage = Body<'/api/v1/tickets/{id}/messages', 'post'>;

export type Feedback = NonNullable<Ticket['feedback']>;
export type NewFeedback = Body<'/api/v1/tickets/{id}/feedback', 'put'>;
export type FeedbackRow = Answer<'/api/v1/feedback', 'get'>['items'][number];
export type FeedbackFilters = Omit<Query<'/api/v1/feedback'>, 'cursor' | 'limit'>;

export type Customer = Answer<'/api/v1/customers', 'get'>['items'][number];
export type Agent = Answer<'/api/v1/agents', 'get'>['items'][number];
/** Anybody's account as admins see it, whatever the role. */
export type Account = Answer<'/api/v1/accounts', 'get'>['items'][number];
export type Lockdown = Answer<'/api/v1/lockdown', 'get'>;
/** Which roles can not do without a second factor. */
export type SecondFactorPolicy = Answer<'/api/v1/settings/second-factor', 'get'>;
export type Dashboard = Answer<'/api/v1/dashboard', 'get'>;
export type Meta = Answer<'/api/v1/meta', 'get'>;
export type Demo = Answer<'/api/v1/demo', 'get'>;
export type DemoMail = Answer<'/api/v1/demo/mailbox', 'get'>['items'][number];
