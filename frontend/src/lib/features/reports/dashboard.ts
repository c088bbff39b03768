/** The dashboard's numbers as they are shown. */
import type { Dashboard } from '#lib/api/types.ts';

export const periods = ['7', '30', '90'] as const;
export type Period = (typeof periods)[number];

export const readPeriod = (query: Pick<URLSearchParams, 'get'>): Period =>
	periods.find((one) => one === query.get('days')) ?? '30';

export interface Change {
	direction: 'up' | 'down' | 'same';
	/** As a share of what was before; undefined when there was nothing, or it says less than the amount. */
	ratio: number | undefined;
	/** How much more or less. */
	amount: number;
}

/** Below this a percentage says little: "from 1 to 3" is not "+200 %". */
const FEW = 5;

export function changeOf(
	value: number | null | undefined,
	previous: number | null | undefined
): Change | undefined {
	if (value === null || value === undefined || previous === null || previous === undefined)
		return undefined;
	const amount = value - previous;
	const direction = amount > 0 ? 'up' : amount < 0 ? 'down' : 'same';
	return { direction, amount, ratio: previous >= FEW ? amount / previous : undefined };
}

type Series = readonly { value?: number | null }[];

/** The values there were; days without one are left out. */
export const valuesOf = (series: Series): number[] =>
	series.flatMap(({ value }) => (value === null || value === undefined ? [] : [value]));

/** Ages as the API and as the address of the list name them. */
export const ages = {
	'<1d': '1d',
	'1-3d': '1-3d',
	'3-7d': '3-7d',
	'>7d': '7d+'
} as const;

type Desk = Pick<Dashboard['workload'][number], 'open' | 'pending' | 'on_hold'>;
export const load = ({ open, pending, on_hold }: Desk): number => open + pending + on_hold;

/** Most services have few tickets: the first few, and the rest as one. */
export function topServices<T extends { count: number }>(
	rows: readonly T[],
	most: number
): { top: T[]; rest: number } {
	// One more line says more than "and one other".
	const top = rows.length <= most + 1 ? [...rows] : rows.slice(0, most);
	return { top, rest: rows.slice(top.length).reduce((sum, { count }) => sum + count, 0) };
}

/** Minutes as an amount of the unit a person would say. */
export function span(minutes: number): { value: number; unit: 'minute' | 'hour' | 'day' } {
	if (minutes < 90) return { value: Math.round(minutes), unit: 'minute' };
	const hours = minutes / 60;
	if (hours < 36) return { value: Math.round(hours * 2) / 2, unit: 'hour' };
	return { value: Math.round((hours / 24) * 2) / 2, unit: 'day' };
}
