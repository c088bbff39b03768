import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { json, problem } from '#lib/api/testing.ts';
import '../../../app.css';
import { pending } from './after.ts';
import ProviderButtons from './ProviderButtons.svelte';

let items: { name: string; label: string }[];
let start: () => Response;

beforeEach(() => {
	sessionStorage.clear();
	items = [
		{ name: 'google', label: 'Google' },
		{ name: 'acme', label: 'Acme Staff' }
	];
	start = () => json({ authorization_url: 'https://acme.test/authorize' });
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
		const { pathname } = new URL((input as Request).url);
		if (pathname === '/api/v1/auth/providers') return json({ items });
		if (pathname === '/api/v1/auth/providers/acme/start') return start();
		return problem(404, 'not_found');
	});
});
afterEach(() => vi.restoreAllMocks());

async function open(next: string | null = null) {
	const calls = { leave: vi.fn(), onsettled: vi.fn() };
	await render(ProviderButtons, { next, ...calls });
	await vi.waitFor(() => expect(calls.onsettled).toHaveBeenCalled());
	return calls;
}
const acme = () => page.getByRole('button', { name: 'Continue with Acme Staff' });

it('has a button for each provider, and leaves for its page', async () => {
	const { leave } = await open('/tickets/new');
	await expect.element(page.getByRole('button', { name: 'Continue with Google' })).toBeVisible();
	await acme().click();
	await vi.waitFor(() => expect(leave).toHaveBeenCalledWith('https://acme.test/authorize'));
	expect(pending.takeNext()).toBe('/tickets/new');
});

it('remembers places of this app only', async () => {
	const { leave } = await open('https://evil.test/');
	await acme().click();
	await vi.waitFor(() => expect(leave).toHaveBeenCalled());
	expect(pending.takeNext()).toBeUndefined();
});

it('shows nothing without providers', async () => {
	items = [];
	await open();
	await expect.element(page.getByRole('region')).not.toBeInTheDocument();
	await expect.element(page.getByRole('button')).not.toBeInTheDocument();
});

it('says when a provider cannot be reached', async () => {
	start = () => problem(422, 'provider_refused');
	const { leave } = await open();
	await acme().click();
	await expect
		.element(page.getByRole('alert').filter({ hasText: 'Acme Staff cannot be reached' }))
		.toBeVisible();
	expect(leave).not.toHaveBeenCalled();
});
