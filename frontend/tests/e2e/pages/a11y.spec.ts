import { expect, test, type Page } from '@playwright/test';
import { look, onPhone, settle } from '../fixtures/look.ts';
import { GRACE, MAYA, RAVI, signedIn } from '../fixtures/people.ts';

interface Place {
	path: string;
	/** What to do there before looking. */
	then?: (page: Page) => Promise<void>;
}

const at = (path: string, then?: Place['then']): Place => ({ path, ...(then && { then }) });

/** Opens the first ticket of a list. */
const firstTicket = async (page: Page): Promise<void> => {
	await page.locator('main a[href*="CCR-"]').first().click();
	await expect(page).toHaveURL(/CCR-/);
};
const press = (name: string) => (page: Page) =>
	page.getByRole('button', { name, exact: true }).first().click();

async function raiseToTheLastStep(page: Page): Promise<void> {
	const first = page.getByLabel('What happened?');
	const last = page
		.getByRole('button', { name: 'Raise ticket' })
		.or(page.getByRole('button', { name: 'Create account' }));
	await expect(first.or(last)).toBeVisible();
	// The second time one is still there.
	if (await last.isVisible()) return;
	await first.fill('The bill names a month I did not live there.');
	await press('Continue')(page);
	await expect(page.getByLabel('Title')).toHaveValue(/The bill/);
	await press('Continue')(page);
	await expect(last).toBeVisible();
}

async function askForCode(page: Page): Promise<void> {
	await page.getByLabel('Email', { exact: true }).fill('nobody.at.all@e2e.example');
	await press('Send the code')(page);
	await expect(page.getByLabel('6-digit code')).toBeVisible();
}

async function leaveEmpty(page: Page): Promise<void> {
	await press('Create account')(page);
	await expect(page.getByLabel('Your name')).toHaveAttribute('aria-invalid', 'true');
}

const PLACES: Record<string, { as?: string; places: Place[] }> = {
	visitor: {
		places: [
			at('/'),
			at('/services'),
			at('/help'),
			at('/login'),
			at('/register'),
			at('/register', leaveEmpty),
			at('/confirm'),
			at('/forgot'),
			at('/forgot', askForCode),
			at('/callback/google'),
			at('/callback/google?error=access_denied'),
			at('/confirm-new-email#token=of-no-use'),
			// The address stays when the token is taken from it: the next is opened anew.
			at('/undo-email-change#token=of-no-use'),
			at('/undo-email-change'),
			at('/accept-invitation#token=of-no-use'),
			at('/accept-invitation'),
			at('/demo/mailbox'),
			at('/tickets/new'),
			at('/tickets/new', raiseToTheLastStep),
			at('/no-such-page')
		]
	},
	customer: {
		as: MAYA,
		places: [
			at('/tickets'),
			at('/tickets', firstTicket),
			at('/tickets?show=all&q=zzzz'),
			at('/tickets/CCR-1'),
			at('/tickets/new'),
			at('/tickets/new', raiseToTheLastStep),
			at('/account'),
			at('/account', press('Change my email address')),
			at('/account/security'),
			at('/account/security', press('Set security questions')),
			at('/account/notifications'),
			at('/account/data'),
			at('/account/data', press('Delete my account…')),
			at('/admin/dashboard')
		]
	},
	agent: {
		as: RAVI,
		places: [
			at('/agent/inbox/mine'),
			at('/agent/inbox/unassigned'),
			at('/agent/inbox/mine', firstTicket),
			at('/agent/feedback'),
			at('/account')
		]
	},
	admin: {
		as: GRACE,
		places: [
			at('/admin/dashboard'),
			at('/admin/tickets'),
			at('/admin/tickets', firstTicket),
			at('/admin/customers'),
			at('/admin/agents'),
			at('/admin/agents', press('Invite an agent')),
			at('/admin/accounts'),
			at('/admin/accounts', press('Start the lockdown')),
			at('/admin/accounts', press('Change')),
			at('/admin/services'),
			at('/admin/services', press('Add a service')),
			at('/admin/feedback')
		]
	}
};

for (const [who, { as, places }] of Object.entries(PLACES)) {
	test(`no page of the ${who} has an axe finding, light or dark, on a desktop or a phone`, async ({
		page
	}) => {
		test.setTimeout(240_000);
		const found: Record<string, object> = {};
		if (as) await signedIn(page, as);
		for (const { path, then } of places) {
			const open = async () => {
				await page.goto(path);
				await settle(page);
				await then?.(page);
				await settle(page);
			};
			await open();
			const desktop = await look(page);
			const phone = await onPhone(page, async () => {
				// Whether it can be pressed is another question on a phone; what only shows is the same page.
				await (then ? open() : settle(page));
				return look(page);
			});
			if (desktop.length + phone.length > 0)
				found[`${path}${then ? `, ${then.name || 'then'}` : ''}`] = { desktop, phone };
		}
		expect(found).toEqual({});
	});
}
