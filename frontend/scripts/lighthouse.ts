/**
 * How quick the pages people wait for most are on a phone with a slow line: `npm run lighthouse` against a running
 * server in demo mode (CARE_URL). Fails when the median score of a page is below what we promise.
 */
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { chromium as playwright } from 'playwright';
import { chromium } from '../tests/chromium.ts';

const base = process.env.CARE_URL ?? 'http://127.0.0.1:8080';
const WANTED = 0.95;
const RUNS = 3;

interface Run {
	score: number;
	/** Largest contentful paint and total blocking time, in milliseconds; layout shift. */
	lcp: number;
	tbt: number;
	cls: number;
}

interface Demo {
	accounts: { role: string; email: string; password: string }[];
}

/** Signs in as a person would. The session stays in the browser's cookies when this connection to it is closed. */
async function signIn(port: number): Promise<void> {
	const { accounts } = (await (await fetch(`${base}/api/v1/demo`)).json()) as Demo;
	const customer = accounts.find(({ role }) => role === 'customer');
	if (!customer) throw new Error('the demo has no customer');
	const browser = await playwright.connectOverCDP(`http://127.0.0.1:${port}`);
	const [profile] = browser.contexts();
	if (!profile) throw new Error('the browser has no profile');
	const page = await profile.newPage();
	await page.goto(`${base}/login`);
	await page.getByLabel('Email', { exact: true }).fill(customer.email);
	await page.getByLabel('Password', { exact: true }).fill(customer.password);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await page.waitForURL((url) => url.pathname !== '/login');
	await page.close();
	await browser.close();
}

/** One visit with nothing cached, by whoever is signed in. */
async function visit(port: number, path: string): Promise<Run> {
	const url = base + path;
	const result = await lighthouse(url, {
		port,
		logLevel: 'error',
		onlyCategories: ['performance'],
		// The usual ones but what keeps the session: cookies and local storage.
		clearStorageTypes: ['file_systems', 'shader_cache', 'service_workers', 'cache_storage']
	});
	if (!result) throw new Error(`${path}: Lighthouse said nothing`);
	const { audits, categories, finalDisplayedUrl, runtimeError } = result.lhr;
	if (runtimeError) throw new Error(`${path}: ${runtimeError.message}`);
	if (new URL(finalDisplayedUrl).pathname !== path)
		throw new Error(`${path} led to ${finalDisplayedUrl}`);
	const value = (audit: string) => audits[audit]?.numericValue ?? Number.NaN;
	return {
		score: categories.performance?.score ?? 0,
		lcp: value('largest-contentful-paint'),
		tbt: value('total-blocking-time'),
		cls: value('cumulative-layout-shift')
	};
}

const say = ({ score, lcp, tbt, cls }: Run): string =>
	`${score.toFixed(2)}  LCP ${(lcp / 1000).toFixed(2)} s  TBT ${tbt.toFixed(0)} ms  CLS ${cls.toFixed(3)}`;

/** Whether the page is quick enough, by the median of its runs. */
async function judge(port: number, path: string): Promise<boolean> {
	const runs: Run[] = [];
	while (runs.length < RUNS) {
		const run = await visit(port, path);
		console.log(`${path}  run ${runs.push(run)}: ${say(run)}`);
	}
	const median = runs.sort((a, b) => a.score - b.score)[Math.floor(RUNS / 2)];
	const enough = median !== undefined && median.score >= WANTED;
	console.log(
		`${path}  median: ${median ? say(median) : 'none'}  ${enough ? 'ok' : `below ${WANTED}`}`
	);
	return enough;
}

const browser = await launch({
	chromePath: chromium.executablePath,
	chromeFlags: ['--headless=new', ...chromium.args],
	logLevel: 'error'
});
try {
	const login = await judge(browser.port, '/login');
	await signIn(browser.port);
	const list = await judge(browser.port, '/tickets');
	if (!login || !list) process.exitCode = 1;
} finally {
	browser.kill();
}
