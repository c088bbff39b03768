//! What a User-Agent header (RFC 9110 section 10.1.5) says, as far as it is worth saying to a person. Anybody can send
//! anything in it: of a browser only words of ours come out, of a program one plain word.

/// Browser and system, when they are known ones; for a program its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    pub browser: Option<String>,
    pub system: Option<&'static str>,
}

/// Mark and name; the first that fits. Most browsers also claim to be Chrome or Safari, so those come last.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("Vivaldi/", "Vivaldi"),
    ("UCBrowser/", "UC Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Android also says Linux, an iPhone also says Mac OS X. An iPad asking for desktop pages says it is a Mac.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

const PROGRAM_CHARS: usize = 30;

impl Agent {
    pub fn read(header: &str) -> Self {
        let named = |names: &[(&str, &'static str)]| {
            let found = names.iter().find(|(mark, _)| header.contains(mark));
            found.map(|(_, name)| *name)
        };
        if !header.starts_with("Mozilla/") {
            return Self {
                browser: program(header),
                system: None,
            };
        }
        Self {
            browser: named(BROWSERS).map(str::to_owned),
            system: named(SYSTEMS),
        }
    }
}

/// The first product's name, when it is a plain word.
fn program(header: &str) -> Option<String> {
    let name = header.split(['/', ' ']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.is_empty() && name.len() <= PROGRAM_CHARS && name.chars().all(plain))
        .then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_read(header: &str, browser: Option<&str>, system: Option<&str>) {
        let agent = Agent::read(header);
        assert_eq!(
            (agent.browser.as_deref(), agent.system),
            (browser, system),
            "{header}"
        );
    }

    #[test]
    fn common_browsers_are_named() {
        for (header, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
                Some("Firefox"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                Some("Edge"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
                Some("Chrome"),
                Some("Linux"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                Some("Chrome"),
                Some("Android"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                Some("Samsung Internet"),
                Some("Android"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                Some("Safari"),
                Some("macOS"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                Some("Safari"),
                Some("iPhone"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1",
                Some("Chrome"),
                Some("iPhone"),
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/120.0.0.0",
                Some("Opera"),
                Some("ChromeOS"),
            ),
        ] {
            assert_read(header, browser, system);
        }
    }

    #[test]
    fn programs_say_their_name_and_nothing_else_comes_through() {
        for (header, browser, system) in [
            ("curl/8.14.1", Some("curl"), None),
            ("python-requests/2.32.3", Some("python-requests"), None),
            ("", None, None),
            ("<script>alert(1)</script>", None, None),
            ("Mozilla/5.0 (<b>Bank</b>)", None, None),
            (
                "Mozilla/5.0 (Windows NT 10.0) Rare/1.0",
                None,
                Some("Windows"),
            ),
            (&"x".repeat(300), None, None),
        ] {
            assert_read(header, browser, system);
        }
    }
}
