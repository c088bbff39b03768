/**
 * Giving many tickets to one agent. The API takes one at a time; here it feels like one act: progress while it runs, one
 * undo for all of it, and a plain account of what could not be done.
 */
import { errorText, isApiError } from '#lib/api/errors.ts';
import { m } from '#lib/paraglide/messages.js';
import { toasts } from '#lib/ui/toast.svelte.ts';
import {
	assignQuietly,
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
	to = $state.raw<Recipient>(null);
	/** What the last run could not do; undefined when all of it was done. */
	problems = $state.raw<{ done: number; failed: Failure<Job>[]; left: Job[] } | undefined>();

	#stop = false;
	#undo: Job[] = [];

	/** The tickets that are still to be done. */
	get rest(): Assignable[] {
		const jobs = [
			...(this.problems?.failed.map(({ item }) => item) ?? []),
			...(this.problems?.left ?? [])
		];
		return jobs.map(({ ticket }) => ticket);
	}

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
		const before = tickets.length - jobs.length;
		const outcome = await this.#run(jobs, to);
		this.#undo = outcome.done.map(({ item, result }) => ({
			ticket: result,
			to: item.ticket.assignee ?? null
		}));
		const done = before + outcome.done.length;
		if (this.#settle(outcome, done)) {
			const text = to
				? m.admin_bulk_done({ count: done, name: to.name })
				: m.admin_bulk_done_nobody({ count: done });
			const run = () => void this.undo();
			if (this.canUndo) toasts.show({ text, action: { label: m.common_undo(), run } });
			else toasts.success(text);
			return true;
		}
		return false;
	}

	/** Every ticket goes back to whom it came from. */
	async undo(): Promise<void> {
		const jobs = this.#undo;
		this.#undo = [];
		if (jobs.length === 0) return;
		const outcome = await this.#run(jobs, null);
		if (this.#settle(outcome, outcome.done.length))
			toasts.success(m.admin_bulk_undone({ count: outcome.done.length }));
	}

	#settle(outcome: Done, done: number): boolean {
		const { failed, left } = outcome;
		this.problems = failed.length + left.length > 0 ? { done, failed, left } : undefined;
		return this.problems === undefined;
	}

	async #run(jobs: Job[], to: Recipient): Promise<Done> {
		this.#stop = false;
		this.problems = undefined;
		this.to = to;
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
