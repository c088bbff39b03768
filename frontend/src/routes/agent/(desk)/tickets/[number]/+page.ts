import { prefetchTicket } from '#lib/features/desk/desk.svelte.ts';
import type { PageLoad } from './$types';

/** Starts early (also when a link is pointed at); the pane itself shows how it goes. */
export const load: PageLoad = ({ params }) => prefetchTicket(params.number);
