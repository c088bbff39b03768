import { error } from '@sveltejs/kit';

/** The showcase exists while developing only: a production build answers 404 and contains none of it. */
export function load() {
	if (!import.meta.env.DEV) error(404);
}
