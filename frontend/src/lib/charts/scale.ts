import { scaleLinear, type ScaleLinear } from 'd3-scale';

/** A vertical scale from zero to a round number above the largest value; whole numbers when all values are. */
export function valueScale(
	values: readonly number[],
	height: number
): { y: ScaleLinear<number, number>; ticks: number[] } {
	const top = Math.max(0, ...values);
	const bottom = Math.min(0, ...values);
	const y = scaleLinear([bottom, top === bottom ? bottom + 1 : top], [height, 0]).nice(4);
	const whole = values.every(Number.isInteger);
	return { y, ticks: y.ticks(4).filter((tick) => !whole || Number.isInteger(tick)) };
}

/** Which labels of an axis to write, so that they do not run into each other: first, last and an even share between. */
export function shownLabels(count: number, width: number, room = 72): Set<number> {
	const most = Math.max(2, Math.floor(width / room));
	if (count <= most) return new Set(Array.from({ length: count }, (_, index) => index));
	const step = Math.ceil((count - 1) / (most - 1));
	const shown = new Set<number>();
	for (let index = count - 1; index >= 0; index -= step) shown.add(index);
	return shown;
}
