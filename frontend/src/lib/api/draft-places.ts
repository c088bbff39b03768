/** Where drafts lie on this device. Apart from drafts.svelte.ts, so that the sign-in pages stay small. */
import { store } from './store.ts';

const PREFIX = 'care_draft';

/** The owner of what a visitor types before signing in. */
export const GUEST = 'guest';

/** The ticket somebody is about to raise; see features/ticket/new-ticket-draft.ts. */
export const NEW_TICKET_DRAFT = 'new-ticket';

export const draftPlace = (owner: string, key: string): string => `${PREFIX}:${owner}:${key}`;

/** A visitor left this draft on this device (before signing in). */
export const hasGuestDraft = (key: string): boolean => store.get(draftPlace(GUEST, key)) !== null;
