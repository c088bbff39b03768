import type { UiStrings } from '#lib/ui/strings.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { locale } from './locale.svelte.ts';

/** The zone times are shown in: the person's own, else the device's. */
export const timeZone = (): string | undefined => session.user?.time_zone;

/** The words lib/ui needs, in the person's language. */
export const uiStrings = (): UiStrings => ({
	locale: locale.current,
	timeZone: timeZone(),
	close: m.common_close(),
	clear: m.common_clear(),
	loading: m.common_loading(),
	optional: m.common_optional(),
	retry: m.common_retry(),
	showPassword: m.common_show_password(),
	capsLock: m.common_caps_lock(),
	noResults: m.common_no_results(),
	more: m.common_more(),
	notifications: m.common_notifications(),
	dismiss: m.common_dismiss(),
	previous: m.common_previous(),
	next: m.common_next(),
	done: m.common_done(),
	selectAll: m.common_select_all(),
	selectRow: m.common_select_row(),
	online: m.common_online(),
	offline: m.common_not_online()
});
