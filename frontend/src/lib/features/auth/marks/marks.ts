/** The mark of a provider, by its name in the settings; a neutral one for those we do not know. */
import KeyRound from '@lucide/svelte/icons/key-round';
import type { Icon } from '#lib/ui/types.ts';
import GoogleMark from './GoogleMark.svelte';
import LinkedInMark from './LinkedInMark.svelte';

const marks: Record<string, Icon> = { google: GoogleMark, linkedin: LinkedInMark };

export const markOf = (provider: string): Icon => marks[provider] ?? KeyRound;
