import type { Role } from '#lib/api/types.ts';

const landingPages = {
	customer: '/tickets',
	agent: '/agent/inbox/mine',
	admin: '/admin/dashboard'
} as const;

/** Where each role starts. */
export const landingPage = (role: Role): (typeof landingPages)[Role] => landingPages[role];

/** A path inside this app, or undefined: a link must not be able to send people elsewhere after signing in. */
export function safeNext(next: string | null): string | undefined {
	if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\'))
		return undefined;
	// Tabs and line breaks are dropped by URL parsers and would hide a second slash.
	for (const char of next) if (char.charCodeAt(0) < 0x20) return undefined;
	return next;
}
