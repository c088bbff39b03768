import type { Can, Me, Ticket } from '#lib/api/types.ts';

/** May the person looking at this ticket do that now? The API has decided; this only reads its answer. */
export const can = (ticket: Pick<Ticket, 'can'> | undefined, what: keyof Can): boolean =>
	ticket?.can[what] ?? false;

export const isStaff = (user: Pick<Me, 'role'> | null): boolean =>
	user?.role === 'agent' || user?.role === 'admin';
