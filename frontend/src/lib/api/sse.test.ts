import { expect, test } from 'vitest';
import { EventParser, type StreamEvent } from './sse.ts';

function parse(...chunks: string[]): StreamEvent[] {
	const events: StreamEvent[] = [];
	const parser = new EventParser((event) => events.push(event));
	for (const chunk of chunks) parser.feed(chunk);
	return events;
}

test('an event ends with an empty line', () => {
	expect(parse('event: hello\ndata: {"a":1}\n')).toEqual([]);
	expect(parse('event: hello\ndata: {"a":1}\n\n')).toEqual([
		{ event: 'hello', data: '{"a":1}', id: undefined }
	]);
});

test('wherever the text is cut, the events are the same', () => {
	const text =
		': hi\r\n\r\nevent: hint\r\ndata: {"kind":"x"}\r\n\r\nevent: typing\ndata: 1\ndata: 2\n\n';
	const whole = parse(text);
	expect(whole.map(({ event, data }) => [event, data])).toEqual([
		['hint', '{"kind":"x"}'],
		['typing', '1\n2']
	]);
	for (let cut = 1; cut < text.length; cut++) {
		expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(whole);
	}
	expect(parse(...text)).toEqual(whole);
});

test('comments are signs of life, not events', () => {
	expect(parse(': heartbeat\n\n', ':\n\n')).toEqual([]);
});

test('a missing space, a missing colon and an id are understood', () => {
	expect(parse('event:bye\nid: 7\ndata\n\n')).toEqual([{ event: 'bye', data: '', id: '7' }]);
});
