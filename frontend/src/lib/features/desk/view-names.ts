import { m } from '#lib/paraglide/messages.js';
import type { DeskView } from './views.ts';

/** The names of the desk's views. */
export const viewNames: Record<DeskView, () => string> = {
	mine: m.agent_nav_mine,
	unassigned: m.agent_nav_unassigned,
	waiting: m.agent_nav_waiting,
	on_hold: m.agent_nav_on_hold,
	resolved: m.agent_nav_resolved,
	all: m.agent_nav_all
};
