/** Every query key in one place, so that nothing is refetched by accident or forgotten. */
import type { FeedbackFilters, TicketFilters } from './types.ts';

export const keys = {
	tickets: ['tickets'] as const,
	ticketLists: ['tickets', 'list'] as const,
	ticketList: (filters: TicketFilters) => ['tickets', 'list', filters] as const,
	ticketCounts: ['tickets', 'counts'] as const,
	ticketOnes: ['tickets', 'one'] as const,
	/** `ref` is what the address bar has: the number ("CCR-1042") or the id. */
	ticket: (ref: string) => ['tickets', 'one', ref] as const,
	timelines: ['tickets', 'timeline'] as const,
	timeline: (ref: string) => ['tickets', 'timeline', ref] as const,

	services: ['services'] as const,
	serviceList: (includeRetired: boolean) =>
		['services', 'list', includeRetired ? 'all' : 'active'] as const,
	service: (id: string) => ['services', 'one', id] as const,

	people: ['people'] as const,
	customers: (q: string) => ['people', 'customers', q] as const,
	customer: (id: string) => ['people', 'customer', id] as const,
	agents: (q: string) => ['people', 'agents', q] as const,
	accounts: (q: string, role: string | undefined) => ['people', 'accounts', q, role] as const,
	lockdown: ['lockdown'] as const,
	secondFactorPolicy: ['settings', 'second-factor'] as const,

	feedbackLists: ['feedback'] as const,
	feedbackList: (filters: FeedbackFilters) => ['feedback', filters] as const,

	dashboards: ['dashboard'] as const,
	dashboard: (days: number) => ['dashboard', days] as const,

	me: ['me'] as const,
	identities: ['me', 'identities'] as const,
	emailChange: ['me', 'email-change'] as const,
	phoneProof: ['me', 'phone'] as const,
	notifications: ['me', 'notifications'] as const,
	questions: ['me', 'security-questions'] as const,
	myExport: ['me', 'export'] as const,
	deletion: ['me', 'deletion'] as const,
	sessions: ['me', 'sessions'] as const,
	signIns: ['me', 'sign-ins'] as const,
	secondFactor: ['me', 'second-factor'] as const,
	meta: ['meta'] as const,
	demo: ['demo'] as const,
	demoMailbox: ['demo', 'mailbox'] as const
};
