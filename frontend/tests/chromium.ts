/**
 * How every test starts the browser: the distribution's Chromium, never a downloaded one, as the shell without windows,
 * which leaves more of a small machine to the pages.
 */
export const chromium = {
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
	args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
};
