import { expect, test } from 'vitest';
import '../../app.css';

/** Reads a token as sRGB, the way the screen shows it. */
function rgb(token: string): [number, number, number] {
	const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
	const probe = document.createElement('span');
	probe.style.color = `var(--${token})`;
	document.body.append(probe);
	const color = getComputedStyle(probe).color;
	probe.remove();
	if (!canvas) throw new Error('no canvas');
	canvas.fillStyle = color;
	canvas.fillRect(0, 0, 1, 1);
	const [r = 0, g = 0, b = 0] = canvas.getImageData(0, 0, 1, 1).data;
	return [r, g, b];
}
function luminance(token: string): number {
	const [r, g, b] = rgb(token).map((part) => {
		const share = part / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	}) as [number, number, number];
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one: string, other: string): number {
	const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
	return (high + 0.05) / (low + 0.05);
}

const surfaces = ['surface-0', 'surface-1', 'surface-2', 'surface-overlay'];
/** Text needs 4.5 : 1. */
const texts: [string, string][] = [
	...['text-strong', 'text-normal', 'text-muted', 'accent-text', 'danger-text'].flatMap((ink) =>
		surfaces.map((ground): [string, string] => [ink, ground])
	),
	['text-normal', 'surface-3'],
	['text-muted', 'surface-3'],
	['on-accent', 'accent'],
	['on-accent', 'accent-strong'],
	['on-accent', 'danger'],
	['on-accent', 'danger-strong'],
	['text-strong', 'accent-soft'],
	['text-muted', 'accent-soft'],
	['danger-text', 'warning-soft'],
	...['accent', 'success', 'warning', 'danger', 'info', 'hold'].map((tone): [string, string] => [
		`${tone}-text`,
		`${tone}-soft`
	])
];
/** Edges of inputs, marks and rings need 3 : 1. */
const shapes: [string, string][] = [
	...[
		'border-strong',
		'accent',
		'danger',
		'success',
		'warning',
		'info',
		'hold',
		'text-muted'
	].flatMap((mark) => ['surface-0', 'surface-1'].map((ground): [string, string] => [mark, ground])),
	['accent', 'accent-soft'],
	['warning', 'warning-soft'],
	['hold', 'hold-soft'],
	['success', 'success-soft'],
	['star', 'surface-1']
];

test.each(['light', 'dark'])('every pair of colours in use has enough contrast: %s', (theme) => {
	document.documentElement.dataset.theme = theme;
	const weak = [
		...texts.filter(([ink, ground]) => contrast(ink, ground) < 4.5),
		...shapes.filter(([mark, ground]) => contrast(mark, ground) < 3)
	].map(([one, other]) => `${one} on ${other}: ${contrast(one, other).toFixed(2)}`);
	delete document.documentElement.dataset.theme;
	expect(weak).toEqual([]);
});

test.each(['light', 'dark'])('any brand hue keeps its contrast: %s', (theme) => {
	const root = document.documentElement;
	root.dataset.theme = theme;
	const weak: string[] = [];
	for (let hue = 0; hue < 360; hue += 15) {
		root.style.setProperty('--brand-hue', String(hue));
		for (const [ink, ground] of [
			['on-accent', 'accent'],
			['accent-text', 'accent-soft'],
			['accent-text', 'surface-1']
		] as const)
			if (contrast(ink, ground) < 4.5)
				weak.push(`${hue}: ${ink} on ${ground} ${contrast(ink, ground).toFixed(2)}`);
	}
	root.style.removeProperty('--brand-hue');
	delete root.dataset.theme;
	expect(weak).toEqual([]);
});
