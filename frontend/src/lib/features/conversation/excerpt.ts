const EXCERPT = 140;

/** A line of a message without Markdown marks, for quotes and announcements. */
export function excerptOf(body: string): string {
	const plain = body
		.replace(/```[^\n]*\n?/g, '')
		.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
		.replace(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm, '')
		.replace(/(\*\*|__|~~|`)/g, '')
		.replace(/\s+/g, ' ')
		.trim();
	const letters = [...plain];
	return letters.length > EXCERPT ? `${letters.slice(0, EXCERPT - 1).join('')}…` : plain;
}
