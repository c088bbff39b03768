/** Shortcuts in tinykeys' notation ("$mod+k", "g i", "Shift+?"), and how they are shown. */
const mac = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? '');

const names: Record<string, string> = mac
	? {
			$mod: '⌘',
			Shift: '⇧',
			Alt: '⌥',
			Control: '⌃',
			Enter: '↩',
			Escape: 'Esc',
			ArrowUp: '↑',
			ArrowDown: '↓'
		}
	: { $mod: 'Ctrl', Control: 'Ctrl', Enter: '↵', Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓' };

/** "$mod+k" -> "⌘K" or "Ctrl K"; "Shift+?" -> "?". */
export function showKeys(shortcut: string): string {
	return shortcut
		.split(' ')
		.map((press) => {
			const parts = press
				.split('+')
				.filter(
					(part, _index, all) =>
						!(part === 'Shift' && all.length === 2 && /^[^a-z0-9]$/i.test(all[1] ?? ''))
				);
			return parts
				.map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
				.join(mac ? '' : ' ');
		})
		.join(' ');
}

/** The person is writing: letters belong to the text. */
export function isTyping(target: EventTarget | null): boolean {
	if (typeof HTMLElement === 'undefined' || !(target instanceof HTMLElement)) return false;
	if (target.isContentEditable) return true;
	if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
	if (target instanceof HTMLInputElement)
		return !['button', 'checkbox', 'radio', 'submit', 'reset', 'range', 'file'].includes(
			target.type
		);
	return target.getAttribute('role') === 'combobox' || target.getAttribute('role') === 'textbox';
}

/** A dialog is open: what is behind it must not react. */
export const dialogOpen = (): boolean =>
	document.querySelector('[role="dialog"], [role="alertdialog"], dialog[open]') !== null;
