/**
 * Giving many tickets to one agent. The API takes one at a time; here it feels like one act: progress while it runs, one
 * undo for all of it, and a plain account of what could not be done.
 */
import { errorText, isApiError } from '#lib/api/errors.ts';
import { m } from '#lib/paraglide/messages.js';
import { toasts } from '#lib/ui/toast.svelte.ts';
import {
	assignQuietly,
	ElsewhereError,
	isWith,
	refreshWork,
	refusal,
	stopsAll,
	type Assignable,
	type Recipient
} from './assigning.svelte.ts';
import { inTurn, type Failure, type Outcome } from './in-turn.ts';

const LONGEST_WAIT_S = 30;

interface Job {
	ticket: Assignable;
	to: Recipient;
}
type Done = Outcome<Job, Assignable>;

/** Waits when the server asks to slow down, then goes on. */
async function patiently({ ticket, to }: Job): Promise<Assignable> {
	try {
		return await assignQuietly(ticket, to);
	} catch (error) {
		const wait = isApiError(error, 'rate_limited') ? (error.retryAfter ?? 5) : undefined;
		if (wait === undefined || wait > LONGEST_WAIT_S) throw error;
		await new Promise((resolve) => setTimeout(resolve, wait * 1000));
		return assignQuietly(ticket, to);
	}
}

export class Bulk {
	running = $state(false);
	finished = $state(0);
	of = $state(0);
	/** What the last run could not do; undefined when all of it was done. */
	problems = $state.raw<{ done: number; failed: Failure<Job>[]; left: Job[] } | undefined>();

	#stop = false;
	/** Whether the jobs are given away or given back. */
	#undoing = false;
	/** Done so far, the tries before this one included. */
	#done = 0;
	#undo: Job[] = [];
	#to: Recipient = null;

	get canUndo(): boolean {
		return this.#undo.length > 0;
	}

	/** Why one was refused, in words. */
	why({ item, error }: Failure<Job>): string {
		return refusal(error, item.to) ?? errorText(error);
	}

	stop(): void {
		this.#stop = true;
	}

	dismiss(): void {
		this.problems = undefined;
	}

	/** True when all of it was done. */
	async assign(tickets: readonly Assignable[], to: Recipient): Promise<boolean> {
		const jobs = tickets.filter((ticket) => !isWith(ticket, to)).map((ticket) => ({ ticket, to }));
		this.#undoing = false;
		this.#undo = [];
		this.#done = tickets.length - jobs.length;
		this.#to = to;
		return this.#go(jobs);
	}

	/** Once more what could not be done. Who was told that a ticket went elsewhere takes it from there. */
	async retry(): Promise<boolean> {
		const { failed = [], left = [] } = this.problems ?? {};
		const again = failed.map(({ item, error }) =>
			error instanceof ElsewhereError ? { ...item, ticket: error.ticket } : item
		);
		return this.#go([...again, ...left]);
	}

	/** Every ticket goes back to whom it came from. */
	async undo(): Promise<void> {
		const jobs = this.#undo;
		this.#undoing = true;
		this.#undo = [];
		this.#done = 0;
		await this.#go(jobs);
	}

	async #go(jobs: Job[]): Promise<boolean> {
		const { done, failed, left } = await this.#run(jobs);
		this.#done += done.length;
		if (!this.#undoing) {
			for (const { item, result } of done)
				this.#undo.push({ ticket: result, to: item.ticket.assignee ?? null });
		}
		if (failed.length + left.length > 0) {
			this.problems = { done: this.#done, failed, left };
			return false;
		}
		this.#tell();
		return true;
	}

	#tell(): void {
		const count = this.#done;
		if (this.#undoing) {
			toasts.success(m.admin_bulk_undone({ count }));
			return;
		}
		const text = this.#to
			? m.admin_bulk_done({ count, name: this.#to.name })
			: m.admin_bulk_done_nobody({ count });
		const run = () => void this.undo();
		if (this.canUndo) toasts.show({ text, action: { label: m.common_undo(), run } });
		else toasts.success(text);
	}

	async #run(jobs: Job[]): Promise<Done> {
		this.#stop = false;
		this.problems = undefined;
		this.finished = 0;
		this.of = jobs.length;
		this.running = true;
		try {
			return await inTurn(jobs, patiently, {
				onprogress: (finished) => (this.finished = finished),
				stopped: () => this.#stop,
				hopeless: stopsAll
			});
		} finally {
			this.running = false;
			refreshWork();
		}
	}
}
