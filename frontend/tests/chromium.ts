/** How every test starts the browser: the distribution's Chromium, never a downloaded one. */
export const chromium = {
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
};
