/** How ratings spread over the five stars. */

export interface Spread {
	/** Five stars first. */
	rows: { stars: 5 | 4 | 3 | 2 | 1; count: number }[];
	total: number;
	average: number | undefined;
}

const STARS = [5, 4, 3, 2, 1] as const;

export function spreadOf(ratings: readonly number[]): Spread {
	const total = ratings.length;
	const sum = ratings.reduce((all, one) => all + one, 0);
	return {
		rows: STARS.map((stars) => ({ stars, count: ratings.filter((one) => one === stars).length })),
		total,
		average: total > 0 ? sum / total : undefined
	};
}
