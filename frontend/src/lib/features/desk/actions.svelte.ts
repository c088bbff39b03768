/**
 * Everything an agent can do on the desk, once: the buttons, the menus, the keys, the palette and the help dialog all
 * read this list.
 */
import { createContext } from 'svelte';
import { createQuery } from '@tanstack/svelte-query';
import ArrowLeft from '@lucide/svelte/icons/arrow-left';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleDot from '@lucide/svelte/icons/circle-dot';
import CirclePause from '@lucide/svelte/icons/circle-pause';
import Copy from '@lucide/svelte/icons/copy';
import Hand from '@lucide/svelte/icons/hand';
import Hourglass from '@lucide/svelte/icons/hourglass';
import Link from '@lucide/svelte/icons/link';
import PanelRight from '@lucide/svelte/icons/panel-right';
import Reply from '@lucide/svelte/icons/reply';
import Search from '@lucide/svelte/icons/search';
import Undo from '@lucide/svelte/icons/undo-2';
import SignalHigh from '@lucide/svelte/icons/signal-high';
import { isTyping } from '#lib/actions/keys.ts';
import type { Action } from '#lib/actions/registry.ts';
import { ticketOptions } from '#lib/api/queries/tickets.ts';
import type { Ticket } from '#lib/api/types.ts';
import { priorities, priorityLabel } from '#lib/features/ticket/words.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Icon } from '#lib/ui/types.ts';
import { onceSent } from './after-send.svelte.ts';
import { copyText } from './copy.ts';
import type { Desk } from './desk.svelte.ts';
import { isReopening, moveAllowed, type Move } from './legal.ts';
import { TicketMoves } from './moves.svelte.ts';
import { toasts } from '#lib/ui/toast.svelte.ts';

/** What the open ticket's pane offers to the keys. */
export interface PaneHandle {
	focusReply: () => void;
	/** Sends what is written; undefined when there is nothing to send. */
	submit: () => string | undefined;
}

interface MoveLook {
	id: string;
	icon: Icon;
	title: (ticket: Ticket | undefined) => string;
	shortcut: string;
	/** "Reply and …", where that makes sense. */
	reply?: { id: string; title: () => string; shortcut?: string };
}

export const moveLooks: Record<Move, MoveLook> = {
	resolved: {
		id: 'ticket.resolve',
		icon: CircleCheck,
		title: m.agent_action_resolve,
		shortcut: 'e',
		reply: { id: 'reply.resolve', title: m.agent_reply_resolve }
	},
	pending: {
		id: 'ticket.pending',
		icon: Hourglass,
		title: m.agent_action_pending,
		shortcut: 'p',
		reply: {
			id: 'reply.pending',
			title: m.agent_reply_pending,
			shortcut: '$mod+Shift+Enter'
		}
	},
	on_hold: {
		id: 'ticket.hold',
		icon: CirclePause,
		title: m.agent_action_on_hold,
		shortcut: 'h',
		reply: { id: 'reply.hold', title: m.agent_reply_on_hold }
	},
	open: {
		id: 'ticket.open',
		icon: CircleDot,
		title: (ticket) =>
			ticket && isReopening(ticket) ? m.agent_action_reopen() : m.agent_action_open(),
		shortcut: 'o'
	}
};

/** A menu or a dialog is open and wants Escape and Enter for itself. */
const popupOpen = () =>
	document.querySelector(
		'[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]'
	) !== null;

export class DeskActions {
	readonly desk: Desk;
	readonly moves = new TicketMoves();
	/** The ticket that actions are about; undefined until it has been fetched. */
	readonly target: Ticket | undefined = $derived.by(() => this.#query.data);
	/** Why it could not be fetched; what was fetched before may still be there. */
	readonly targetError: Error | null = $derived.by(() => this.#query.error);
	/** Beside the ticket on wide screens, in a sheet on others. */
	contextShown = $state(true);
	contextSheet = $state(false);
	wide = $state(true);
	pane: PaneHandle | undefined;
	/** "Reply" was asked for on a row: as soon as the ticket is open. */
	replyWanted = false;

	readonly #query;

	constructor(desk: Desk) {
		this.desk = desk;
		this.#query = createQuery(() => ({
			...ticketOptions(desk.targetNumber ?? ''),
			enabled: desk.targetNumber !== undefined
		}));
	}

	toggleContext(): void {
		if (this.wide) this.contextShown = !this.contextShown;
		else this.contextSheet = !this.contextSheet;
	}

	reply(): void {
		if (this.desk.openNumber) {
			this.pane?.focusReply();
		} else if (this.desk.cursor) {
			this.replyWanted = true;
			this.desk.open(this.desk.cursor);
		}
	}

	/** Sends the reply; the status follows once it has been accepted. */
	async replyThen(to: Move): Promise<void> {
		const ticket = this.target;
		const key = ticket && this.pane?.submit();
		if (!ticket || !key) return;
		if (!navigator.onLine) toasts.show({ text: m.agent_then_waits() });
		const end = await onceSent(ticket, key);
		if (end === 'sent') await this.moves.statusAfterReply(ticket, to);
		else if (end === 'failed')
			toasts.show({ text: m.agent_then_failed({ number: ticket.number }), tone: 'warning' });
	}

	/** Made once; `when`, `title` and `run` look at the state of the moment. */
	readonly all: readonly Action[] = [
		{
			id: 'list.next',
			title: m.agent_action_next,
			group: m.agent_group_list,
			shortcut: 'j',
			hidden: true,
			run: () => this.desk.step(1)
		},
		{
			id: 'list.previous',
			title: m.agent_action_previous,
			group: m.agent_group_list,
			shortcut: 'k',
			hidden: true,
			run: () => this.desk.step(-1)
		},
		{
			id: 'list.open',
			title: m.agent_action_open_row,
			group: m.agent_group_list,
			shortcut: 'Enter',
			hidden: true,
			// On a link or a button the key has its own meaning.
			when: () => {
				const idle = document.activeElement?.closest('a, button, summary, [role]') === null;
				return idle && !this.desk.openNumber && this.desk.cursorIndex >= 0 && !popupOpen();
			},
			run: () => {
				if (this.desk.cursor) this.desk.open(this.desk.cursor);
			}
		},
		{
			id: 'list.search',
			title: m.agent_action_search,
			group: m.agent_group_list,
			icon: Search,
			shortcut: '/',
			run: () => this.desk.handle?.focusSearch()
		},
		{
			id: 'ticket.back',
			title: m.agent_back_to_list,
			group: m.agent_group_list,
			icon: ArrowLeft,
			shortcut: 'Escape',
			whileTyping: true,
			when: () => this.desk.openNumber !== undefined && !popupOpen(),
			run: () => {
				const focused = document.activeElement;
				if (!(focused instanceof HTMLElement && isTyping(focused))) return void this.desk.back();
				// To the conversation the field belongs to; without focus, Tab would begin at the top of the page.
				const pane = focused.closest('section')?.querySelector<HTMLElement>(':scope > [tabindex]');
				if (pane) pane.focus({ preventScroll: true });
				else focused.blur();
			}
		},
		{
			id: 'ticket.reply',
			title: m.agent_action_reply,
			group: m.agent_group_ticket,
			icon: Reply,
			shortcut: 'r',
			when: () => this.target?.can.reply ?? false,
			run: () => this.reply()
		},
		{
			id: 'ticket.take',
			title: m.agent_action_take_long,
			group: m.agent_group_ticket,
			icon: Hand,
			shortcut: 't',
			when: () => this.target?.can.take ?? false,
			run: async () => {
				const ticket = this.target;
				if (!ticket) return;
				const inList = this.desk.openNumber === undefined;
				await this.moves.take(ticket, inList ? () => this.desk.open(ticket.number) : undefined);
			}
		},
		...Object.entries(moveLooks).map(([move, { id, icon, title, shortcut }]): Action => {
			const to = move as Move;
			return {
				id,
				icon,
				shortcut,
				title: () => title(this.target),
				group: m.agent_group_ticket,
				when: () => moveAllowed(this.target, to),
				run: async () => {
					if (this.target) await this.moves.status(this.target, to);
				}
			};
		}),
		...Object.entries(moveLooks).flatMap(([move, { icon, reply }]): Action[] => {
			const to = move as Move;
			if (!reply) return [];
			return [
				{
					...reply,
					icon,
					group: m.agent_group_ticket,
					whileTyping: true,
					when: () =>
						this.desk.openNumber !== undefined &&
						this.target?.can.reply === true &&
						moveAllowed(this.target, to),
					run: () => this.replyThen(to)
				}
			];
		}),
		...priorities.map((priority): Action => ({
			id: `ticket.priority.${priority}`,
			title: () => m.agent_action_priority({ priority: priorityLabel(priority) }),
			group: m.agent_group_ticket,
			icon: SignalHigh,
			when: () => this.target?.can.set_priority === true && this.target.priority !== priority,
			run: () => this.target && this.moves.priority(this.target, priority)
		})),
		{
			id: 'ticket.copy',
			title: m.agent_action_copy,
			group: m.agent_group_ticket,
			icon: Copy,
			shortcut: 'y',
			when: () => this.desk.targetNumber !== undefined,
			run: () => copyText(this.desk.targetNumber ?? '')
		},
		{
			id: 'ticket.copy-link',
			title: m.agent_action_copy_link,
			group: m.agent_group_ticket,
			icon: Link,
			when: () => this.desk.targetNumber !== undefined,
			run: () => {
				const path = this.desk.ticketHref(this.desk.targetNumber ?? '').split('?')[0] ?? '';
				return copyText(location.origin + path, m.agent_action_copy_link());
			}
		},
		{
			id: 'ticket.undo',
			title: m.common_undo,
			group: m.agent_group_ticket,
			icon: Undo,
			shortcut: 'z',
			when: () => this.#undoable() !== undefined,
			run: () => {
				const toast = this.#undoable();
				if (!toast) return;
				toast.action?.run();
				toasts.dismiss(toast.id, true);
			}
		},
		{
			id: 'ticket.context',
			title: m.agent_action_context,
			group: m.agent_group_ticket,
			icon: PanelRight,
			shortcut: 'i',
			when: () => this.desk.openNumber !== undefined,
			run: () => this.toggleContext()
		}
	];

	/** The newest change that can still be taken back. */
	#undoable() {
		return toasts.items.findLast(({ action }) => action?.label === m.common_undo());
	}

	find(id: string): Action | undefined {
		return this.all.find((action) => action.id === id);
	}
}

export const [getDeskActions, setDeskActions] = createContext<DeskActions>();
