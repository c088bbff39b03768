/** Where to go once somebody is signed in. */
import { hasGuestDraft, NEW_TICKET_DRAFT } from '#lib/api/draft-places.ts';
import type { Me } from '#lib/api/types.ts';
import { landingPage, safeNext } from '#lib/auth/landing.ts';
import { links } from '#lib/links.ts';

const NEXT = 'care_next';
const EMAIL = 'care_confirm_email';

/** Survives the detour over registration and confirmation in this tab. */
export const pending = {
	get email(): string {
		return sessionStorage.getItem(EMAIL) ?? '';
	},
	set email(value: string) {
		sessionStorage.setItem(EMAIL, value);
	},
	keepNext(next: string | null): void {
		const safe = safeNext(next);
		if (safe) sessionStorage.setItem(NEXT, safe);
	},
	takeNext(): string | undefined {
		const next = safeNext(sessionStorage.getItem(NEXT));
		sessionStorage.removeItem(NEXT);
		sessionStorage.removeItem(EMAIL);
		return next;
	}
};

/** Decide before anything reads the drafts: what the visitor was writing comes first. */
export function destination(user: Me, next: string | null = null): string {
	const wanted = safeNext(next) ?? pending.takeNext();
	if (wanted) return wanted;
	if (user.role === 'customer' && hasGuestDraft(NEW_TICKET_DRAFT)) return links.newTicket();
	return landingPage(user.role);
}
