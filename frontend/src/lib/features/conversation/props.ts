import type { Snippet } from 'svelte';
import type { Ticket } from '#lib/api/types.ts';

export interface ConversationProps {
	ticket: Ticket;
	/** The name under which the timeline is cached; the ticket's id unless the page loaded it by number. */
	ref?: string;
	scroll?: 'pane' | 'page';
	/** Only to be looked at: nothing to write with, no read marks. */
	readonly?: boolean;
	/** Why nothing can be written now, when it is not the ticket's own state (e.g. "Take this ticket to answer"). */
	blocked?: string | undefined;
	/** A way out beside the reason: reopen, take the ticket. */
	blockedAction?: Snippet | undefined;
	placeholder?: string;
	/** Which key sends; `enter` unless long answers are written here. */
	sendOn?: 'enter' | 'mod-enter';
	/** Scrolls with the timeline, above it. */
	head?: Snippet | undefined;
	/** Scrolls with the timeline, below it. */
	tail?: Snippet | undefined;
	/** Between the timeline and the text box; does not scroll. */
	foot?: Snippet | undefined;
	/** Inside the text box's frame: above the text, and at the start of its bottom line. */
	replyHeader?: Snippet | undefined;
	replyTools?: Snippet | undefined;
	/** Other ways to send, before the button; told whether there is something to send. */
	replyActions?: Snippet<[{ ready: boolean }]> | undefined;
}
