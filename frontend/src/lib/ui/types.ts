import type { Component } from 'svelte';

/** A lucide icon component: `import X from '@lucide/svelte/icons/x'`. */
export type Icon = Component<{ size?: number | string; strokeWidth?: number; class?: string }>;

/** Meaning of a coloured part. Colour never stands alone: always with an icon or a word. */
export type Tone = 'neutral' | 'accent' | 'success' | 'warning' | 'danger' | 'info' | 'hold';

/** One choice of a Select, Combobox, RadioGroup or Segmented. */
export interface Option<V extends string = string> {
	value: V;
	label: string;
	/** A second, quieter line. */
	help?: string;
	icon?: Icon;
	disabled?: boolean;
}

export type TicketStatus = 'open' | 'pending' | 'on_hold' | 'resolved' | 'closed' | 'withdrawn';
export type TicketPriority = 'low' | 'normal' | 'high' | 'urgent';
