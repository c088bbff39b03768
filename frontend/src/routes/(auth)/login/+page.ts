import { requireGuest } from '#lib/auth/guard.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = ({ url }) => requireGuest(url);
