import { describe, expect, it } from 'vitest';
import type { Can, TicketStatus } from '#lib/api/types.ts';
import { isReopening, moveAllowed, possibleMoves } from './legal.ts';

const nothing: Can = {
	reply: false,
	withdraw: false,
	resolve: false,
	confirm: false,
	reopen: false,
	assign: false,
	take: false,
	set_pending: false,
	set_on_hold: false,
	set_open: false,
	rate: false,
	set_priority: false,
	edit_contact: false
};
const ticket = (status: TicketStatus, can: Partial<Can> = {}) => ({
	status,
	can: { ...nothing, ...can }
});

describe('the moves of an agent', () => {
	it('offers only what the API allows, in a fixed order', () => {
		const open = ticket('open', { resolve: true, set_pending: true, set_on_hold: true });
		expect(possibleMoves(open)).toEqual(['pending', 'on_hold', 'resolved']);
		expect(possibleMoves(ticket('open'))).toEqual([]);
	});

	it('never offers the state it is in', () => {
		expect(moveAllowed(ticket('pending', { set_pending: true }), 'pending')).toBe(false);
	});

	it('knows that closing and withdrawing are not the agent’s', () => {
		const all = ticket('resolved', { set_open: true, confirm: true, withdraw: true });
		expect(moveAllowed(all, 'closed')).toBe(false);
		expect(moveAllowed(all, 'withdrawn')).toBe(false);
		expect(moveAllowed(all, 'open')).toBe(true);
	});

	it('offers nothing before the ticket is there', () => {
		expect(moveAllowed(undefined, 'open')).toBe(false);
	});

	it('calls opening a resolved ticket reopening', () => {
		expect(isReopening(ticket('resolved'))).toBe(true);
		expect(isReopening(ticket('on_hold'))).toBe(false);
	});
});
