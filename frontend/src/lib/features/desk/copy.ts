import { m } from '#lib/paraglide/messages.js';
import { toasts } from '#lib/ui/toast.svelte.ts';

/** Puts text on the clipboard and says so; where the browser forbids it, shows the text. */
export async function copyText(text: string, name = text): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
		toasts.show({ id: 'copied', text: m.agent_copied({ text: name }), duration: 3000 });
	} catch {
		toasts.show({ id: 'copied', text: m.agent_copy_failed({ text }), tone: 'warning' });
	}
}
