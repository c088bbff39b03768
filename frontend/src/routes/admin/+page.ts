import { redirect } from '@sveltejs/kit';
import { links } from '#lib/links.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = () => redirect(307, links.adminDashboard());
