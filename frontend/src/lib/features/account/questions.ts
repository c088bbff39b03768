/** The rules for security questions. The API checks the same again, and more exactly. */
import type { Issue } from '#lib/forms/form.svelte.ts';
import { m } from '#lib/paraglide/messages.js';

export interface NewQuestion {
	question: string;
	answer: string;
}

export const MOST = 3;
const LONGEST = 200;

const normal = (text: string): string =>
	text.normalize('NFKC').toLocaleLowerCase().trim().replaceAll(/\s+/g, ' ');

function length(text: string, min: number): string | undefined {
	const { length } = text.trim();
	if (length === 0) return m.error_field_required();
	if (length < min) return m.error_field_at_least({ min });
	return length > LONGEST ? m.error_field_at_most({ max: LONGEST }) : undefined;
}

/** What is wrong with an answer, beside those before it. */
function fault(one: NewQuestion, before: readonly NewQuestion[]): string | undefined {
	const [question, answer] = [normal(one.question), normal(one.answer)];
	if (question.includes(answer)) return m.account_questions_inside();
	const same = before.some(
		(other) => normal(other.question) === question || normal(other.answer) === answer
	);
	return same ? m.account_questions_same() : undefined;
}

/** Everything that is wrong with them, each at its field. */
export function faultsOf(items: readonly NewQuestion[]): Issue[] {
	return items.flatMap((one, n) => {
		const question = length(one.question, 5);
		const answer = length(one.answer, 2) ?? (question ? undefined : fault(one, items.slice(0, n)));
		return [
			...(question ? [{ message: question, path: ['items', n, 'question'] }] : []),
			...(answer ? [{ message: answer, path: ['items', n, 'answer'] }] : [])
		];
	});
}
