/** Every address of the app, in one place. */
import { resolve } from '$app/paths';

/** Adds the base path. For addresses that are put together at run time. */
const at = (path: `/${string}`): string => resolve(path.slice(1) as 'services');

export const links = {
	home: () => at('/'),
	services: () => at('/services'),
	help: () => at('/help'),
	login: (next?: string) => at(next ? `/login?next=${encodeURIComponent(next)}` : '/login'),
	register: (next?: string) =>
		at(next ? `/register?next=${encodeURIComponent(next)}` : '/register'),
	confirm: () => at('/confirm'),
	forgot: () => at('/forgot'),
	confirmNewEmail: () => at('/confirm-new-email'),
	account: (part?: 'security' | 'notifications' | 'data') =>
		at(part ? `/account/${part}` : '/account'),
	secondFactor: (next: string) => at(`/second-factor?next=${encodeURIComponent(next)}`),
	demoMailbox: () => at('/demo/mailbox'),

	tickets: () => at('/tickets'),
	ticket: (number: string) => at(`/tickets/${number}`),
	newTicket: (preset: { service?: string; kind?: string } = {}) => {
		const query = new URLSearchParams(preset).toString();
		return at(`/tickets/new${query && `?${query}`}`);
	},

	agentInbox: (view = 'mine') => at(`/agent/inbox/${view}`),
	agentTicket: (number: string, view?: string) =>
		at(`/agent/tickets/${number}${view ? `?view=${view}` : ''}`),
	agentFeedback: () => at('/agent/feedback'),

	adminDashboard: () => at('/admin/dashboard'),
	adminTickets: (query = '') => at(`/admin/tickets${query && `?${query}`}`),
	adminTicket: (number: string) => at(`/admin/tickets/${number}`),
	adminCustomers: () => at('/admin/customers'),
	adminCustomer: (id: string) => at(`/admin/customers/${id}`),
	adminAgents: () => at('/admin/agents'),
	adminAccounts: () => at('/admin/accounts'),
	adminServices: () => at('/admin/services'),
	adminFeedback: () => at('/admin/feedback')
};
