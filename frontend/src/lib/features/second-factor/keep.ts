/** Taking a secret away from the screen. */
import { m } from '#lib/paraglide/messages.js';
import { toasts } from '#lib/ui/toast.svelte.ts';

/** Puts a secret on the clipboard; says so without showing it again. */
export async function copySecret(text: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
		toasts.show({ id: 'copied', text: m.auth_second_copied(), duration: 3000 });
	} catch {
		toasts.show({ id: 'copied', text: m.auth_second_copy_failed(), tone: 'warning' });
	}
}

/** "ABCD EFGH …": what people type from one screen into another. */
export const inFours = (text: string): string => text.match(/.{1,4}/g)?.join(' ') ?? '';
