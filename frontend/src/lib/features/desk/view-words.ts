/** The names of the desk's views and what stands in them when they are empty. */
import { m } from '#lib/paraglide/messages.js';
import type { DeskView } from './views.ts';

interface ViewWords {
	name: () => string;
	emptyTitle: () => string;
	emptyText: () => string;
}

export const viewWords: Record<DeskView, ViewWords> = {
	mine: {
		name: m.agent_nav_mine,
		emptyTitle: m.agent_empty_mine_title,
		emptyText: m.agent_empty_mine_text
	},
	unassigned: {
		name: m.agent_nav_unassigned,
		emptyTitle: m.agent_empty_unassigned_title,
		emptyText: m.agent_empty_unassigned_text
	},
	waiting: {
		name: m.agent_nav_waiting,
		emptyTitle: m.agent_empty_waiting_title,
		emptyText: m.agent_empty_waiting_text
	},
	on_hold: {
		name: m.agent_nav_on_hold,
		emptyTitle: m.agent_empty_on_hold_title,
		emptyText: m.agent_empty_on_hold_text
	},
	resolved: {
		name: m.agent_nav_resolved,
		emptyTitle: m.agent_empty_resolved_title,
		emptyText: m.agent_empty_resolved_text
	},
	all: {
		name: m.agent_nav_all,
		emptyTitle: m.agent_empty_all_title,
		emptyText: m.agent_empty_all_text
	}
};
