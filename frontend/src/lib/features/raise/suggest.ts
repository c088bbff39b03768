/**
 * Guesses kind, service and title from what somebody has written, by plain words. Only a start: everything can be
 * changed, and what was chosen by hand is never touched again.
 */
import { excerptOf } from '#lib/features/conversation/excerpt.ts';
import type { Service, ServiceIcon, TicketKind } from '#lib/api/types.ts';

const kindWords: Record<TicketKind, RegExp[]> = {
	complaint: [
		/\b(complain\w*|wrong(ly)?|mistake|error|fault\w*|broken|damaged|fraud\w*|scam\w*|stolen|unauthori[sz]ed)\b/gi,
		/\b(overcharg\w*|charged|deducted|refused|denied|rude|terrible|unacceptable|disappoint\w*|never|still)\b/gi,
		/\b(not work\w*|doesn'?t work|stopped working|keeps?|failed|fails|missing|late|delay\w*|lost|cancell?ed)\b/gi,
		/(புகார்|தவறு|தவறாக|பழுது|மோசடி|இழந்|தாமத|வேலை செய்யவில்லை|வரவில்லை|கிடைக்கவில்லை|பிடித்தம்)/g
	],
	question: [
		/^\s*(how|what|when|where|which|who|why|can|could|do|does|is|are|may|should)\b/gi,
		/\b(how (do|can|long|much)|is it possible|can i|could you tell|i would like to know|wondering)\b/gi,
		/\?/g,
		/(எப்படி|எப்போது|எங்கே|எவ்வளவு|முடியுமா|என்ன செய்|தெரிந்துகொள்ள)/g
	],
	request: [
		/\b(please (send|issue|open|close|change|update|activate|block|cancel|provide|arrange))\b/gi,
		/\b(i (want|need|would like|wish) (to|a|an|my|the|new)|request(ing)?|apply|application|upgrade|order a)\b/gi,
		/(வேண்டும்|கோருகிறேன்|கோரிக்கை|அனுப்புங்கள்|மாற்றித் தர|விண்ணப்ப)/g
	]
};

const count = (text: string, patterns: RegExp[]): number =>
	patterns.reduce((sum, pattern) => sum + (text.match(pattern)?.length ?? 0), 0);

/** Undefined while the text says nothing about it. */
export function suggestKind(text: string): TicketKind | undefined {
	const scores: [TicketKind, number][] = [
		// Whoever tells of harm is to be heard as complaining, even when asking "why?".
		['complaint', count(text, kindWords.complaint) * 2],
		['question', count(text, kindWords.question)],
		['request', count(text, kindWords.request) * 1.5]
	];
	const best = scores.reduce((a, b) => (b[1] > a[1] ? b : a));
	return best[1] > 0 ? best[0] : undefined;
}

const serviceWords: Record<Exclude<ServiceIcon, 'other'>, RegExp> = {
	card: /\b(card|cards|credit|debit|atm|visa|mastercard|pin|chargeback)\b|அட்டை|ஏடிஎம்/gi,
	loan: /\b(loan|loans|mortgage|emi|instal?ments?|lender|interest rate|foreclosure)\b|கடன்|தவணை/gi,
	account:
		/\b(account|savings|checking|overdraft|balance|deposit|statement|passbook|branch)\b|கணக்கு|வைப்பு/gi,
	transfer:
		/\b(transfer\w*|wire|payment|upi|neft|imps|remittance|sent money|payee)\b|பரிமாற்ற|பணம் அனுப்/gi,
	phone: /\b(phone|mobile|sim|call|calls|sms|roaming|recharge|handset)\b|கைபேசி|அழைப்பு|சிம்/gi,
	network:
		/\b(internet|network|router|wi-?fi|broadband|fibre|fiber|signal|modem|connection|speed)\b|இணைய|வைஃபை|ரூட்டர்/gi,
	delivery: /\b(deliver\w*|parcel|package|shipment|courier|order|tracking)\b|விநியோக|பார்சல்/gi,
	insurance: /\b(insurance|insurer|policy|claim|premium|coverage)\b|காப்பீடு|காப்பீட்டு/gi,
	billing:
		/\b(bill|bills|billing|billed|invoice|charged|overcharged|fee|fees|refund|debt|collect\w*)\b|கட்டண|பில்|பணத்தைத் திரும்ப/gi,
	home: /\b(house|home|flat|apartment|rent|water|electricity|power cut|meter|repair)\b|வீடு|வீட்டு|மின்சார|தண்ணீர்/gi,
	account_access:
		/\b(password|log ?in|sign ?in|locked out|otp|access|username|two-factor|reset)\b|கடவுச்சொல்|உள்நுழை/gi
};

const ordinary = new Set([
	'and',
	'the',
	'for',
	'with',
	'your',
	'our',
	'other',
	'services',
	'service'
]);

const wordsOf = (text: string): string[] =>
	(text.toLocaleLowerCase().match(/[\p{L}\p{M}\p{N}]{3,}/gu) ?? []).filter(
		(word) => !ordinary.has(word)
	);

/** Singular and plural are one word; good enough for a guess. */
const stem = (word: string): string => (word.length > 3 ? word.replace(/s$/, '') : word);

type Candidate = Pick<Service, 'id' | 'name' | 'description' | 'icon'>;

/** The service the text speaks of most; undefined when it speaks of none. */
export function suggestService(
	text: string,
	services: readonly Candidate[]
): Candidate | undefined {
	const said = new Set(wordsOf(text).map(stem));
	let best: Candidate | undefined;
	let bestScore = 0;
	for (const service of services) {
		const named = wordsOf(service.name).filter((word) => said.has(stem(word))).length;
		const described = new Set(
			wordsOf(service.description)
				.map(stem)
				.filter((word) => said.has(word))
		);
		const typical = service.icon === 'other' ? 0 : count(text, [serviceWords[service.icon]]);
		const score = named * 3 + typical * 2 + Math.min(described.size, 3) * 0.5;
		if (score >= 2 && score > bestScore) {
			best = service;
			bestScore = score;
		}
	}
	return best;
}

const TITLE = 80;

/** The first sentence, cut between words. */
export function suggestSubject(text: string): string {
	const firstLine = text.split('\n').find((line) => line.trim() !== '') ?? '';
	const plain = excerptOf(firstLine);
	const sentence = /^.{12,}?[.!?।](?=\s|$)/u.exec(plain)?.[0].replace(/[.।]$/, '') ?? plain;
	const letters = [...sentence.replace(/…$/, '')];
	if (letters.length <= TITLE) return sentence;
	const cut = letters.slice(0, TITLE - 1).join('');
	const space = cut.lastIndexOf(' ');
	return `${(space > TITLE / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:–-]+$/, '')}…`;
}
