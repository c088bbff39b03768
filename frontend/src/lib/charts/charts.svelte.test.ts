import { userEvent } from 'vitest/browser';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../app.css';
import BarChart from './BarChart.svelte';
import Donut from './Donut.svelte';
import LineChart from './LineChart.svelte';
import Sparkline from './Sparkline.svelte';
import StackedBar from './StackedBar.svelte';

/** What a screen reader may read of an element, on one line. */
const text = (found: { element: () => Element }) =>
	found.element().textContent?.replace(/\s+/g, ' ');

test('a line chart is read value by value with the arrow keys and has a table', async () => {
	const screen = await render(LineChart, {
		title: 'New tickets',
		labels: ['1 Nov', '2 Nov', '3 Nov'],
		series: [
			{ name: 'New', values: [4, 7, 2] },
			{ name: 'Resolved', values: [1, 3, 5] }
		]
	});
	const chart = screen.getByRole('slider', { name: 'New tickets' });
	(chart.element() as unknown as HTMLElement).focus();
	await userEvent.keyboard('{ArrowLeft}');
	await expect.element(chart).toHaveAttribute('aria-valuetext', '3 Nov: New 2, Resolved 5');
	await userEvent.keyboard('{ArrowLeft}');
	await expect.element(chart).toHaveAttribute('aria-valuetext', '2 Nov: New 7, Resolved 3');
	expect(text(screen.getByRole('table', { name: 'New tickets' }))).toMatch(/2 Nov\s*7\s*3/);
});

test('no data breaks no chart', async () => {
	for (const [Chart, props] of [
		[LineChart, { title: 'Empty', labels: [], series: [] }],
		[LineChart, { title: 'One', labels: ['1 Nov'], series: [{ name: 'New', values: [0] }] }],
		[Sparkline, { label: 'Empty', values: [] }],
		[Donut, { title: 'Empty', slices: [] }],
		[BarChart, { title: 'Empty', bars: [] }],
		[StackedBar, { title: 'Empty', parts: [], rows: [] }]
	] as const) {
		const screen = await render(Chart as typeof Donut, props as { title: string; slices: [] });
		expect(screen.container.innerHTML).not.toMatch(/NaN|undefined|Infinity/);
		screen.unmount();
	}
});

test('shares are written in words and numbers, and lead to their tickets', async () => {
	const screen = await render(Donut, {
		title: 'By status',
		slices: [
			{ label: 'Open', value: 3, href: '/tickets?status=open' },
			{ label: 'Closed', value: 0 }
		]
	});
	expect(text(screen.getByRole('figure', { name: 'By status' }))).toMatch(/Open\s*3/);
	await expect
		.element(screen.getByRole('link', { name: 'Open' }))
		.toHaveAttribute('href', '/tickets?status=open');
});

test('bars are as long as their values', async () => {
	const screen = await render(BarChart, {
		title: 'By age',
		bars: [
			{ label: 'New', value: 10 },
			{ label: 'Old', value: 5 }
		]
	});
	const [most, half] = [...screen.container.querySelectorAll('.fill')].map(
		(bar) => bar.getBoundingClientRect().width
	);
	expect(half).toBeCloseTo((most ?? 0) / 2, 0);
	expect(text(screen.getByRole('list', { name: 'By age' }))).toMatch(/New\s*10\s*Old\s*5/);
});

test('stacked bars have a table of their parts', async () => {
	const screen = await render(StackedBar, {
		title: 'Workload',
		parts: [{ name: 'Open' }, { name: 'Pending' }],
		rows: [{ label: 'Asha', values: [4, 2] }]
	});
	expect(text(screen.getByRole('table', { name: 'Workload' }))).toMatch(
		/Open\s*Pending\s*Asha\s*4\s*2/
	);
});
