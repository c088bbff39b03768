/** Which moves the API allows an agent on this ticket now; the API has decided, this only reads its answer. */
import type { Can, Ticket, TicketStatus } from '#lib/api/types.ts';

export const moves = ['open', 'pending', 'on_hold', 'resolved'] as const;
export type Move = (typeof moves)[number];

const needs: Record<Move, keyof Can> = {
	open: 'set_open',
	pending: 'set_pending',
	on_hold: 'set_on_hold',
	resolved: 'resolve'
};

type Movable = Pick<Ticket, 'can' | 'status'>;

export const isMove = (status: TicketStatus): status is Move =>
	(moves as readonly string[]).includes(status);

/** May this ticket go to `status` now? To where it is already: no. */
export const moveAllowed = (ticket: Movable | undefined, status: TicketStatus): status is Move =>
	ticket !== undefined && ticket.status !== status && isMove(status) && ticket.can[needs[status]];

/** Every move that is possible now, in the order of the menu. */
export const possibleMoves = (ticket: Movable): Move[] =>
	moves.filter((move) => moveAllowed(ticket, move));

/** "Open" again after it was resolved is called reopening. */
export const isReopening = (ticket: Movable): boolean =>
	ticket.status === 'resolved' || ticket.status === 'closed';
