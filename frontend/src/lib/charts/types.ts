/** One point over time or categories. */
export interface Point {
	/** Label on the axis and in the hidden table, in words. */
	label: string;
	value: number;
}

/** One named row of values, as long as the chart's labels. */
export interface Series {
	name: string;
	values: readonly number[];
	color?: ChartColor;
}

/** One share of a whole. */
export interface Slice {
	label: string;
	value: number;
	color?: ChartColor;
	/** Where the slice's tickets are listed. A resolved path. */
	href?: string;
}

/** Colours by meaning; the tokens decide how they look. */
export type ChartColor = 'accent' | 'success' | 'warning' | 'danger' | 'info' | 'hold' | 'muted';

/** Order used when a series names no colour. */
export const colors: readonly ChartColor[] = [
	'accent',
	'info',
	'warning',
	'hold',
	'success',
	'muted',
	'danger'
];

/** The CSS value of a colour. */
export function paint(color: ChartColor): string {
	return color === 'muted' ? 'var(--text-muted)' : `var(--${color})`;
}

/** The colour of a series by its place. */
export function colorAt(index: number, own?: ChartColor): ChartColor {
	return own ?? colors[index % colors.length] ?? 'accent';
}
