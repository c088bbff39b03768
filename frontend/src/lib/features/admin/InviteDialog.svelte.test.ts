import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { json, someone } from '#lib/api/testing.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { locale } from '#lib/i18n/locale.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { toasts } from '#lib/ui/toast.svelte.ts';
import '../../../app.css';
import Harness from '../Harness.svelte';
import InviteDialog from './InviteDialog.svelte';

let sent: Request[];

beforeEach(() => {
	localStorage.clear();
	sent = [];
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		if (request.method === 'GET') return json({ items: [], next: null });
		sent.push(request);
		return json({}, 201);
	});
	const ada = someone({ id: 'ada', role: 'admin', name: 'Ada' });
	session.adopt({ access_token: 't', expires_in: 900, user: ada });
});
afterEach(async () => {
	vi.restoreAllMocks();
	await locale.set('en');
	for (const { id } of toasts.items) toasts.dismiss(id);
	await session.signOut();
});

it('invites in the language of who invites', async () => {
	await locale.set('ta');
	const onclose = vi.fn();
	await render(Harness, { parts: [InviteDialog], given: { onclose } });
	const field = (name: string) => page.getByRole('textbox', { name });
	await field(m.admin_field_name()).fill('Kavin');
	await field(m.admin_field_email()).fill('kavin@example.org');
	await page.getByRole('button', { name: m.admin_invite_send() }).click();
	await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
	expect(sent[0]?.headers.get('accept-language')).toBe('ta');
	expect(await sent[0]?.json()).toEqual({ name: 'Kavin', email: 'kavin@example.org' });
});
