import { expect, test } from 'vitest';
import { landingPage, safeNext } from './landing.ts';

test('each role has its start', () => {
	expect([landingPage('customer'), landingPage('agent'), landingPage('admin')]).toEqual([
		'/tickets',
		'/agent/inbox/mine',
		'/admin/dashboard'
	]);
});

test('only paths of this app are followed after signing in', () => {
	expect(safeNext('/tickets/CCR-1042?tab=1')).toBe('/tickets/CCR-1042?tab=1');
	for (const bad of [
		null,
		'',
		'tickets',
		'//evil.example',
		'/\\evil.example',
		'/\t/evil.example',
		'https://evil.example',
		'javascript:alert(1)'
	]) {
		expect(safeNext(bad)).toBeUndefined();
	}
});
