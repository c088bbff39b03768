// Runs before the first paint: the right theme and language, and a plain message if the app cannot start.
(function () {
	var root = document.documentElement;
	try {
		var theme = localStorage.getItem('care_theme');
		if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
		var locale = localStorage.getItem('PARAGLIDE_LOCALE');
		if (!locale && /^ta\b/i.test(navigator.language || '')) locale = 'ta';
		if (locale === 'ta') root.lang = 'ta';
	} catch {
		// Storage may be blocked: the defaults are fine.
	}
	function failed() {
		root.classList.add('boot-failed');
	}
	window.addEventListener(
		'error',
		function (event) {
			var target = event.target;
			if (target instanceof HTMLScriptElement || target instanceof HTMLLinkElement) {
				if (document.getElementById('boot')) failed();
			}
		},
		true
	);
	window.addEventListener('unhandledrejection', function () {
		if (document.getElementById('boot')) failed();
	});
})();
