import { expect, test } from 'vitest';
import { faultsOf } from './questions.ts';

const bicycle = 'Who taught me to ride a bicycle?';
const cat = 'What was our first cat called?';
const faults = (...items: [question: string, answer: string][]) => {
	const asked = items.map(([question, answer]) => ({ question, answer }));
	return faultsOf(asked).map(({ path, message }) => [path?.slice(1).join('.'), message]);
};

test('up to three questions, each with an answer of its own', () => {
	expect(faults([bicycle, 'Aunt Meena'], [cat, 'Éclair'])).toEqual([]);
	expect(faults([bicycle, 'Meena'], [cat, ' MEENA '])).toEqual([
		['1.answer', 'Every question needs an answer of its own.']
	]);
	expect(faults([bicycle, 'Meena'], [bicycle, 'Tom'])).toHaveLength(1);
});

test('the answer is not to be found in the question', () => {
	expect(faults([bicycle, 'Bicycle'])).toEqual([['0.answer', 'The answer is in the question.']]);
});

test('neither may be too short', () => {
	expect(faults(['Who?', 'x'])).toEqual([
		['0.question', 'Use at least 5 characters.'],
		['0.answer', 'Use at least 2 characters.']
	]);
});
