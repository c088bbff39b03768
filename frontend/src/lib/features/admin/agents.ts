/** Which agents can be given a ticket, and who comes first. */
import type { Agent } from '#lib/api/types.ts';

/** Where an account stands, in one word. */
export type AgentState = 'active' | 'invited' | 'invitation_expired' | 'disabled';

export function agentState(agent: Pick<Agent, 'disabled' | 'invitation'>): AgentState {
	if (agent.disabled) return 'disabled';
	if (agent.invitation === 'pending') return 'invited';
	if (agent.invitation === 'expired') return 'invitation_expired';
	return 'active';
}

/** The API takes nobody else. */
export const canWork = (agent: Pick<Agent, 'disabled' | 'invitation'>): boolean =>
	agentState(agent) === 'active';

type Rankable = Pick<Agent, 'name' | 'online' | 'open_tickets' | 'disabled' | 'invitation'>;

/** Those who can be given a ticket: who is here first, then who has least to do. */
export const byFreedom = <A extends Rankable>(agents: readonly A[]): A[] =>
	agents
		.filter(canWork)
		.sort(
			(a, b) =>
				Number(b.online) - Number(a.online) ||
				a.open_tickets - b.open_tickets ||
				a.name.localeCompare(b.name)
		);
