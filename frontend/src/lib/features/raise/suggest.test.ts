import { describe, expect, it } from 'vitest';
import type { ServiceIcon, TicketKind } from '#lib/api/types.ts';
import { suggestKind, suggestService, suggestSubject } from './suggest.ts';

const service = (name: string, icon: ServiceIcon, description = '') => ({
	id: name,
	name,
	icon,
	description
});
const services = [
	service('Cards', 'card', 'Credit, debit and prepaid cards'),
	service('Mortgages and loans', 'loan'),
	service('Internet and network', 'network'),
	service('Credit reporting', 'other', 'Mistakes on a credit report'),
	service('Something else', 'other')
];

describe('suggestKind', () => {
	it.each<[string, TicketKind | undefined]>([
		['My card was charged twice in March.', 'complaint'],
		['Why was I charged twice?', 'complaint'],
		['How long does a new card take?', 'question'],
		['Can I use my card abroad', 'question'],
		['Please send me a new card to my new address', 'request'],
		['I want to close my account', 'request'],
		['ரூட்டர் வேலை செய்யவில்லை', 'complaint'],
		['புதிய அட்டைக்கு எப்படி விண்ணப்பிப்பது?', 'question'],
		['Card 1234', undefined],
		['', undefined]
	])('%s → %s', (text, kind) => expect(suggestKind(text)).toBe(kind));
});

describe('suggestService', () => {
	it.each([
		['My debit card was swallowed by the ATM', 'Cards'],
		['The router keeps dropping the wifi', 'Internet and network'],
		['The lender lost my mortgage papers', 'Mortgages and loans'],
		['There is an error in my credit reporting file', 'Credit reporting'],
		['கடன் தவணை இரண்டு முறை எடுக்கப்பட்டது', 'Mortgages and loans'],
		['I am unhappy', undefined]
	])('%s → %s', (text, name) => expect(suggestService(text, services)?.name).toBe(name));

	it('says nothing without services', () => {
		expect(suggestService('my card', [])).toBeUndefined();
	});
});

describe('suggestSubject', () => {
	it('takes the first sentence', () => {
		expect(suggestSubject('\n\nCharged twice in March. It was 40 euros each time.')).toBe(
			'Charged twice in March'
		);
		expect(suggestSubject('Why was I charged twice? Please look.')).toBe(
			'Why was I charged twice?'
		);
	});

	it('cuts long text between words', () => {
		const title = suggestSubject('The parcel that I ordered '.repeat(10));
		expect([...title].length).toBeLessThanOrEqual(80);
		expect(title).toMatch(/\w…$/);
	});

	it('survives text without spaces and without anything', () => {
		expect([...suggestSubject('x'.repeat(500))].length).toBeLessThanOrEqual(80);
		expect(suggestSubject('  \n ')).toBe('');
	});
});
