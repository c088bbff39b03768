/** Words for what admins choose from. */
import type { ServiceIcon, TicketStatus } from '#lib/api/types.ts';
import { statusLabel } from '#lib/features/ticket/words.ts';
import { m } from '#lib/paraglide/messages.js';
import type { AgentState } from './agents.ts';
import type { Raised, StatusChoice } from './tickets.ts';

export function statusChoiceLabel(choice: StatusChoice): string {
	if (choice === 'unfinished') return m.admin_status_unfinished();
	if (choice === 'done') return m.admin_status_done();
	return statusLabel(choice satisfies TicketStatus);
}

const raisedWords: Record<Raised, () => string> = {
	'1d': m.admin_raised_1d,
	'1-3d': m.admin_raised_1_3d,
	'3-7d': m.admin_raised_3_7d,
	'7d+': m.admin_raised_7d_more,
	'7': () => m.admin_raised_days({ count: 7 }),
	'30': () => m.admin_raised_days({ count: 30 }),
	'90': () => m.admin_raised_days({ count: 90 })
};
export const raisedLabel = (raised: Raised): string => raisedWords[raised]();

const stateWords: Record<AgentState, () => string> = {
	active: m.admin_agent_active,
	invited: m.admin_agent_invited,
	invitation_expired: m.admin_agent_expired,
	disabled: m.admin_agent_disabled
};
export const agentStateLabel = (state: AgentState): string => stateWords[state]();

const iconWords: Record<ServiceIcon, () => string> = {
	card: m.admin_icon_card,
	loan: m.admin_icon_loan,
	account: m.admin_icon_account,
	transfer: m.admin_icon_transfer,
	phone: m.admin_icon_phone,
	network: m.admin_icon_network,
	delivery: m.admin_icon_delivery,
	insurance: m.admin_icon_insurance,
	billing: m.admin_icon_billing,
	home: m.admin_icon_home,
	account_access: m.admin_icon_account_access,
	other: m.admin_icon_other
};
export const iconLabel = (icon: ServiceIcon): string => iconWords[icon]();
