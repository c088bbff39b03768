import { expect, test } from 'vitest';
import { agentState, byFreedom } from './agents.ts';

const agent = (name: string, extra: Partial<Parameters<typeof byFreedom>[0][number]> = {}) => ({
	name,
	online: false,
	open_tickets: 0,
	disabled: false,
	invitation: 'accepted' as const,
	...extra
});

test('who is here comes first, then who has least to do', () => {
	const names = byFreedom([
		agent('Busy here', { online: true, open_tickets: 9 }),
		agent('Free away'),
		agent('Free here', { online: true, open_tickets: 1 }),
		agent('Also free away')
	]).map(({ name }) => name);
	expect(names).toEqual(['Free here', 'Busy here', 'Also free away', 'Free away']);
});

test('only agents who have joined and are not disabled', () => {
	const names = byFreedom([
		agent('Invited', { invitation: 'pending' }),
		agent('Never came', { invitation: 'expired' }),
		agent('Gone', { disabled: true }),
		agent('Made by hand', { invitation: 'none' })
	]).map(({ name }) => name);
	expect(names).toEqual(['Made by hand']);
});

test('disabled counts more than an open invitation', () => {
	expect(agentState({ disabled: true, invitation: 'pending' })).toBe('disabled');
	expect(agentState({ disabled: false, invitation: 'expired' })).toBe('invitation_expired');
});
