import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import type { UiStrings } from '#lib/ui/strings.ts';

/** The words of lib/ui in the person's language. The root layout hands them down: `setUiStrings(uiStrings)`. */
export function uiStrings(): UiStrings {
	return {
		locale: getLocale(),
		close: m.ui_close(),
		clear: m.ui_clear(),
		loading: m.ui_loading(),
		optional: m.ui_optional(),
		retry: m.ui_retry(),
		showPassword: m.ui_show_password(),
		capsLock: m.ui_caps_lock(),
		noResults: m.ui_no_results(),
		more: m.ui_more(),
		notifications: m.ui_notifications(),
		dismiss: m.ui_dismiss(),
		previous: m.ui_previous(),
		next: m.ui_next(),
		done: m.ui_done(),
		selectAll: m.ui_select_all(),
		selectRow: m.ui_select_row(),
		online: m.ui_online(),
		offline: m.ui_offline()
	};
}
