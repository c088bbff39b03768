import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError, UnreachableError } from './errors.ts';
import { Outbox, type OutboxDeps, type Unsent } from './outbox.ts';
import { deferred, useFakeStorage } from './testing.ts';
import type { MessageEntry } from './types.ts';

const entry = (message: Unsent, seq: number): MessageEntry =>
	({ type: 'message', id: message.key, seq, body: message.body }) as MessageEntry;

const message = (body: string, ticketId = 't1') => ({ ticketId, body, quoted: null });
const settle = () => vi.advanceTimersByTimeAsync(0);

let storage: Storage;
let send: ReturnType<typeof vi.fn<OutboxDeps['send']>>;
let sent: string[];
let boxes: Outbox[];

function open(user = 'u1'): Outbox {
	const box = new Outbox({ send, onSent: ({ body }) => void sent.push(body) });
	boxes.push(box);
	box.start(user);
	return box;
}

beforeEach(() => {
	vi.useFakeTimers();
	// One lock per name, as between tabs.
	storage = useFakeStorage();
	boxes = [];
	sent = [];
	let seq = 0;
	send = vi.fn<OutboxDeps['send']>(async (unsent) => entry(unsent, ++seq));
});
afterEach(() => {
	for (const box of boxes) box.stop();
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

test('messages go out in the order they were written, and leave', async () => {
	const box = open();
	for (const body of ['one', 'two', 'three']) box.add(message(body));
	await settle();
	expect(sent).toEqual(['one', 'two', 'three']);
	expect(box.pending('t1')).toEqual([]);
	expect(storage.length).toBe(0);
});

test('one at a time: the second waits for the first answer', async () => {
	const first = deferred<MessageEntry>();
	send.mockImplementationOnce(() => first.promise);
	const box = open();
	const key = box.add(message('one'));
	box.add(message('two'));
	await settle();
	expect(send).toHaveBeenCalledTimes(1);
	expect(box.pending('t1').map(({ state }) => state)).toEqual(['sending', 'queued']);
	first.resolve({ seq: 1, id: key } as MessageEntry);
	await settle();
	expect(sent).toEqual(['one', 'two']);
});

test('without a connection it waits, then sends the same key again', async () => {
	send.mockRejectedValueOnce(new UnreachableError());
	const box = open();
	const key = box.add(message('hello'));
	await settle();
	expect(box.pending('t1')).toMatchObject([{ key, state: 'queued' }]);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(send.mock.calls.map(([unsent]) => unsent.key)).toEqual([key, key]);
	expect(sent).toEqual(['hello']);
});

test('a reload loses nothing: another start sends what was left', async () => {
	send.mockRejectedValue(new UnreachableError());
	const before = open();
	const key = before.add(message('kept'));
	await settle();
	before.stop();

	send.mockResolvedValue({ seq: 1 } as MessageEntry);
	open();
	await settle();
	expect(send.mock.lastCall?.[0]).toMatchObject({ key, body: 'kept' });
	expect(sent).toEqual(['kept']);
});

test('a refusal keeps the text, says why, and lets the next one go on', async () => {
	send.mockRejectedValueOnce(new ApiError({ status: 409, code: 'conflict' }));
	const box = open();
	const key = box.add(message('refused'));
	box.add(message('fine'));
	await settle();
	expect(sent).toEqual(['fine']);
	expect(box.pending('t1')).toMatchObject([
		{ key, body: 'refused', state: 'failed', refusal: { status: 409, code: 'conflict' } }
	]);
});

test('trying a refused message again asks anew, with a new key', async () => {
	send.mockRejectedValueOnce(new ApiError({ status: 422, code: 'invalid' }));
	const box = open();
	const key = box.add(message('again'));
	await settle();
	box.retry('t1', key);
	await settle();
	expect(sent).toEqual(['again']);
	expect(send.mock.calls[1]?.[0].key).not.toBe(key);
});

test('taking a message back gives its text and stops it', async () => {
	send.mockRejectedValue(new UnreachableError());
	const box = open();
	const key = box.add(message('edit me'));
	await settle();
	const back = await box.takeBack('t1', key);
	expect(back?.body).toBe('edit me');
	send.mockReset();
	await vi.advanceTimersByTimeAsync(120_000);
	expect(send).not.toHaveBeenCalled();
	expect(await box.takeBack('t1', key)).toBeUndefined();
});

test('two tabs never send the same message twice', async () => {
	const one = open();
	const two = open();
	one.add(message('once'));
	await Promise.all([one.flush(), two.flush()]);
	await settle();
	expect(send).toHaveBeenCalledTimes(1);
});

test('an ended session is not a refusal', async () => {
	send.mockRejectedValueOnce(new ApiError({ status: 401, code: 'session_ended' }));
	const box = open();
	box.add(message('wait'));
	await settle();
	expect(box.pending('t1')).toMatchObject([{ state: 'queued' }]);
});

test('the server decides how long to wait', async () => {
	send.mockRejectedValueOnce(new ApiError({ status: 429, code: 'rate_limited' }, 20));
	const box = open();
	box.add(message('slow'));
	await vi.advanceTimersByTimeAsync(19_000);
	expect(send).toHaveBeenCalledTimes(1);
	await vi.advanceTimersByTimeAsync(2000);
	expect(sent).toEqual(['slow']);
});

test("another person's messages stay where they are", async () => {
	send.mockRejectedValue(new UnreachableError());
	const mine = open('u1');
	mine.add(message('private'));
	await settle();
	mine.stop();
	const theirs = open('u2');
	expect(theirs.pending('t1')).toEqual([]);
	send.mockClear();
	await theirs.flush();
	expect(send).not.toHaveBeenCalled();
});

test('a blocked storage still sends', async () => {
	vi.stubGlobal('localStorage', undefined);
	const box = open();
	box.add(message('no storage'));
	await settle();
	expect(sent).toEqual(['no storage']);
});
