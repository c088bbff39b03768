import axe from 'axe-core';
import { page } from 'vitest/browser';
import { afterEach, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../../app.css';
import Showcase from './Showcase.svelte';

afterEach(() => {
	for (const name of ['data-theme', 'data-density', 'dir'])
		document.documentElement.removeAttribute(name);
});

const cases = [
	['Light', 'Roomy', 1280],
	['Dark', 'Roomy', 1280],
	['Light', 'Compact', 1280],
	['Dark', 'Compact', 390],
	['Light', 'Roomy', 320]
] as const;

test.each(cases)(
	'every component passes axe and fits: %s, %s, %d px',
	async (theme, density, width) => {
		await page.viewport(width, 800);
		document.documentElement.lang = 'en';
		document.title = 'Components';
		const screen = await render(Showcase);
		await screen.getByText(theme, { exact: true }).click();
		await screen.getByText(density, { exact: true }).click();
		await expect.element(screen.getByRole('heading', { name: 'Charts' })).toBeInTheDocument();
		await new Promise((done) => setTimeout(done, 400));
		const { violations } = await axe.run(screen.container, {
			runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
		});
		expect(
			violations.map(
				(found) => `${found.id}: ${found.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`
			)
		).toEqual([]);
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
	}
);
