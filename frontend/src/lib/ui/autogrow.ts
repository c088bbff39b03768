import type { Attachment } from 'svelte/attachments';

const native = typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content');

/**
 * Lets a textarea grow with its text up to its CSS `max-block-size`. `value` is read inside the attachment's
 * effect, so text set from outside (a restored draft, cleared after sending) resizes too.
 * Browsers with `field-sizing: content` need no script.
 */
export function autogrow(value: () => string): Attachment<HTMLTextAreaElement> {
	return (area) => {
		value();
		if (native) return;
		area.style.blockSize = 'auto';
		area.style.blockSize = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
	};
}
