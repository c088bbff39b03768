/** Putting things in order. */

/** `list` with `item` moved to `to`; places beyond the ends mean the ends. */
export function moved<T>(list: readonly T[], item: T, to: number): T[] {
	const rest = list.filter((one) => one !== item);
	if (rest.length === list.length) return [...list];
	rest.splice(Math.min(Math.max(to, 0), rest.length), 0, item);
	return rest;
}

export const sameOrder = <T>(a: readonly T[], b: readonly T[]): boolean =>
	a.length === b.length && a.every((one, index) => one === b[index]);

/**
 * An order made a moment ago, laid over the newest list: what has gone is left out, what is new comes last, as the API
 * would have it.
 */
export function inOrder<T extends { id: string }>(list: readonly T[], ids: readonly string[]): T[] {
	const byId = new Map(list.map((one) => [one.id, one]));
	const known = ids.flatMap((id) => byId.get(id) ?? []);
	return [...known, ...list.filter(({ id }) => !ids.includes(id))];
}
