import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { queryClient } from '#lib/api/query-client.ts';
import { json, problem, someone } from '#lib/api/testing.ts';
import type { SecondFactor } from '#lib/api/types.ts';
import { session } from '#lib/auth/session.svelte.ts';
import { toasts } from '#lib/ui/toast.svelte.ts';
import '../../../app.css';
import Harness from '../Harness.svelte';
import SecondFactorPart from './SecondFactor.svelte';

const off: SecondFactor = { enabled: false, required: false, since: null, recovery_codes_left: 0 };
const on: SecondFactor = {
	enabled: true,
	required: false,
	since: '2026-02-03T10:00:00Z',
	recovery_codes_left: 10
};
const setup = {
	secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
	otpauth_url: 'otpauth://totp/Care:asha?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
	qr_svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h1v1H0z"/></svg>'
};
const codes = Array.from({ length: 10 }, (_, n) => `k${n}fa-2mwq-7xbe`);

let state: () => Response;
/** What each path answers, in turn. */
let answers: Record<string, (() => Response)[]>;
let sent: { path: string; body: unknown }[];

beforeEach(() => {
	localStorage.clear();
	queryClient.clear();
	state = () => json(off);
	answers = {};
	sent = [];
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
		const request = new Request(input, init);
		const path = new URL(request.url).pathname.replace('/api/v1/me/second-factor', '');
		if (request.method === 'GET') return state();
		sent.push({ path, body: JSON.parse(await request.text()) });
		const answer = answers[path]?.shift();
		if (!answer) throw new TypeError('nobody answers');
		return answer();
	});
	session.adopt({ access_token: 't', expires_in: 900, user: someone() });
});
afterEach(async () => {
	vi.restoreAllMocks();
	for (const { id } of toasts.items) toasts.dismiss(id);
	await session.signOut();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const password = () => page.getByLabelText('Current password', { exact: true });
const digits = () => page.getByLabelText('6-digit code');
const wrongPassword = () =>
	problem(422, 'invalid', {
		errors: [{ pointer: '/current_password', code: 'mismatch', detail: '' }]
	});

const open = () => render(Harness, { parts: [SecondFactorPart] });

async function toThePicture(): Promise<void> {
	answers['/begin'] ??= [() => json(setup)];
	await open();
	await button('Set up').click();
	await password().fill('purple lamps hum');
	await button('Continue').click();
	await expect.element(page.getByRole('img', { name: /QR code/ })).toBeVisible();
}

describe('setting it up', () => {
	it('takes the password, shows the secret, takes a code, and shows the recovery codes once', async () => {
		answers = {
			'/begin': [wrongPassword, () => json(setup)],
			'/confirm': [
				() => problem(422, 'code_wrong_or_expired'),
				() => json({ recovery_codes: codes })
			]
		};
		await open();
		await expect.element(page.getByText('Off: whoever knows your password gets in.')).toBeVisible();
		await button('Set up').click();
		await button('Continue').click();
		expect(sent).toEqual([]);
		await password().fill('wrong words');
		await button('Continue').click();
		await expect
			.element(password())
			.toHaveAccessibleDescription(/That is not your current password/);
		await password().fill('purple lamps hum');
		await button('Continue').click();
		const picture = page.getByRole('img', { name: /QR code/ });
		await expect.element(picture).toBeVisible();
		await expect
			.poll(() => (picture.element() as HTMLImageElement).naturalWidth)
			.toBeGreaterThan(0);
		await expect.element(page.getByText('JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP')).toBeVisible();
		await expect.element(digits()).toHaveAttribute('autocomplete', 'one-time-code');
		await expect.element(digits()).toHaveAttribute('inputmode', 'numeric');
		await digits().fill('111 111');
		await expect.element(page.getByText(/That code is wrong or was used already/)).toBeVisible();
		await expect.element(digits()).toHaveValue('');
		state = () => json(on);
		await digits().fill('222222');
		await expect.element(page.getByRole('heading', { name: 'Your recovery codes' })).toHaveFocus();
		const shown = page.getByRole('list', { name: 'Your recovery codes' }).getByRole('listitem');
		expect(shown.elements().map((one) => one.textContent)).toEqual(codes);
		await button('I have kept them').click();
		await expect.element(page.getByText(/On since/)).toBeVisible();
		await expect.element(page.getByText('Recovery codes left: 10 of 10')).toBeVisible();
		await expect.element(page.getByText(codes[0] ?? '')).not.toBeInTheDocument();
		expect(sent.map(({ path, body }) => [path, body])).toEqual([
			['/begin', { current_password: 'wrong words' }],
			['/begin', { current_password: 'purple lamps hum' }],
			['/confirm', { code: '111111' }],
			['/confirm', { code: '222222' }]
		]);
	});

	it('asks nobody for a password they do not have', async () => {
		answers = { '/begin': [() => json(setup)] };
		session.adopt({ access_token: 't', expires_in: 900, user: someone({ has_password: false }) });
		await open();
		await button('Set up').click();
		await expect.element(password()).not.toBeInTheDocument();
		await button('Continue').click();
		await expect.element(page.getByRole('img', { name: /QR code/ })).toBeVisible();
		expect(sent).toEqual([{ path: '/begin', body: {} }]);
	});

	it('says so when nobody answers, and goes on when somebody does', async () => {
		answers = {
			'/confirm': [() => json({ code: 'rate_limited' }, 429, { 'retry-after': '7300' })]
		};
		await toThePicture();
		await digits().fill('111111');
		await expect.element(page.getByText(/too often. Try again in 3 hours/)).toBeVisible();
		answers['/confirm'] = [];
		await digits().fill('222222');
		await expect.element(page.getByText(/cannot reach the server/)).toBeVisible();
		answers['/confirm'] = [() => json({ recovery_codes: codes })];
		await digits().fill('222222');
		await expect.element(page.getByRole('heading', { name: 'Your recovery codes' })).toBeVisible();
	});

	it('sees that it was set up in another place meanwhile', async () => {
		answers = { '/confirm': [() => problem(409, 'conflict')] };
		await toThePicture();
		state = () => json(on);
		await digits().fill('111111');
		await expect.element(page.getByText(/On since/)).toBeVisible();
	});

	it('can be given up', async () => {
		await toThePicture();
		await button('Cancel').click();
		await expect.element(button('Set up')).toBeVisible();
	});
});

describe('recovery codes', () => {
	beforeEach(async () => {
		answers = { '/confirm': [() => json({ recovery_codes: codes })] };
		await toThePicture();
		await digits().fill('222222');
		await expect.element(button('Copy')).toBeVisible();
	});

	it('are copied, or it is said that this is not allowed', async () => {
		const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValueOnce();
		await button('Copy').click();
		expect(write.mock.calls).toEqual([[codes.join('\n')]]);
		await expect.element(page.getByText('Copied', { exact: true })).toBeVisible();
		write.mockRejectedValueOnce(new DOMException('no', 'NotAllowedError'));
		await button('Copy').click();
		await expect.element(page.getByText(/Copying is not allowed here/)).toBeVisible();
	});

	it('are printed', async () => {
		const print = vi.spyOn(window, 'print').mockImplementation(() => undefined);
		await button('Print').click();
		expect(print).toHaveBeenCalledOnce();
	});

	it('are downloaded as text', async () => {
		const made = vi.spyOn(URL, 'createObjectURL');
		const clicked = vi
			.spyOn(HTMLAnchorElement.prototype, 'click')
			.mockImplementation(() => undefined);
		await button('Download').click();
		const file = made.mock.calls[0]?.[0] as Blob;
		expect(await file.text()).toMatch(new RegExp(`asha@example.org.*\n\n${codes.join('\n')}\n$`));
		expect((clicked.mock.contexts[0] as HTMLAnchorElement).download).toBe('recovery-codes.txt');
	});
});

describe('once it is on', () => {
	beforeEach(() => {
		state = () => json(on);
	});

	it('new recovery codes take the password and a code', async () => {
		answers = {
			'/recovery-codes': [
				() => problem(422, 'code_wrong_or_expired'),
				() => json({ recovery_codes: codes })
			]
		};
		await open();
		await button('New recovery codes').click();
		const dialog = page.getByRole('dialog', { name: 'Make new recovery codes?' });
		await dialog.getByLabelText('Current password', { exact: true }).fill('purple lamps hum');
		const code = dialog.getByLabelText('Code of your app');
		await expect.element(code).toHaveAttribute('autocomplete', 'one-time-code');
		await code.fill('111111');
		await dialog.getByRole('button', { name: 'New recovery codes' }).click();
		await expect.element(code).toHaveAccessibleDescription(/wrong or was used already/);
		await code.fill('222222');
		await dialog.getByRole('button', { name: 'New recovery codes' }).click();
		await expect.element(page.getByRole('heading', { name: 'Your recovery codes' })).toBeVisible();
		expect(sent.at(-1)?.body).toEqual({ current_password: 'purple lamps hum', code: '222222' });
	});

	it('is turned off with a recovery code when the app is lost', async () => {
		answers = { '/turn-off': [wrongPassword, () => new Response(null, { status: 204 })] };
		await open();
		await button('Turn off').click();
		const dialog = page.getByRole('dialog', { name: 'Turn the second factor off?' });
		await dialog.getByRole('button', { name: /recovery code/ }).click();
		await dialog.getByLabelText('Recovery code').fill('k3fa-2mwq-7xbe');
		await dialog.getByLabelText('Current password', { exact: true }).fill('wrong words');
		await dialog.getByRole('button', { name: 'Turn off' }).click();
		await expect.element(dialog.getByText('That is not your current password.')).toBeVisible();
		await dialog.getByLabelText('Current password', { exact: true }).fill('purple lamps hum');
		state = () => json(off);
		await dialog.getByRole('button', { name: 'Turn off' }).click();
		await expect.element(page.getByText('The second factor is off')).toBeVisible();
		await expect.element(button('Set up')).toBeVisible();
		expect(sent.at(-1)).toEqual({
			path: '/turn-off',
			body: { current_password: 'purple lamps hum', code: 'k3fa-2mwq-7xbe' }
		});
	});

	it('stays on where the role needs it, and warns when recovery codes run out', async () => {
		state = () => json({ ...on, required: true, recovery_codes_left: 2 });
		await open();
		await expect.element(page.getByText('Your role needs it, so it stays on.')).toBeVisible();
		await expect.element(page.getByText(/Few recovery codes are left/)).toBeVisible();
		await expect.element(button('Turn off')).not.toBeInTheDocument();
	});
});

it('can be asked for again when it did not come', async () => {
	state = () => problem(403, 'forbidden');
	await open();
	await expect.element(page.getByText('We could not load your second factor')).toBeVisible();
	state = () => json({ ...off, required: true });
	await button('Try again').click();
	await expect.element(page.getByText(/Your role needs one/)).toBeVisible();
});
