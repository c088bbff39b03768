//! What mails say outside their templates: dates, and words for what we keep as codes.

use chrono::{DateTime, Datelike, Utc};

use crate::locale::Locale;

const MONTHS_TA: [&str; 12] = [
    "ஜனவரி",
    "பிப்ரவரி",
    "மார்ச்",
    "ஏப்ரல்",
    "மே",
    "ஜூன்",
    "ஜூலை",
    "ஆகஸ்ட்",
    "செப்டம்பர்",
    "அக்டோபர்",
    "நவம்பர்",
    "டிசம்பர்",
];

/// Codes of tickets and what they are called in Tamil; in English they are words already.
const TAMIL: [(&str, &str); 7] = [
    ("complaint", "புகார்"),
    ("question", "கேள்வி"),
    ("request", "கோரிக்கை"),
    ("low", "குறைவு"),
    ("normal", "இயல்பு"),
    ("high", "அதிகம்"),
    ("urgent", "அவசரம்"),
];

/// "21 November 2026"
pub fn day(at: DateTime<Utc>, locale: Locale) -> String {
    let month = MONTHS_TA.get(at.month0() as usize);
    match (locale, month) {
        (Locale::Ta, Some(month)) => format!("{} {month} {}", at.day(), at.year()),
        _ => at.format("%-d %B %Y").to_string(),
    }
}

/// "21 November 2026, 09:30 UTC"
pub fn minute(at: DateTime<Utc>, locale: Locale) -> String {
    format!("{}, {}", day(at, locale), at.format("%H:%M UTC"))
}

/// The word for a ticket's kind or priority.
pub fn code(code: &str, locale: Locale) -> String {
    let word = TAMIL.iter().find(|(known, _)| *known == code);
    match (locale, word) {
        (Locale::Ta, Some((_, word))) => (*word).to_owned(),
        _ => code.to_owned(),
    }
}

/// "Firefox on Windows", of what is known.
pub fn device(browser: Option<&str>, system: Option<&str>, locale: Locale) -> String {
    match (locale, browser, system) {
        (Locale::En, Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Locale::Ta, Some(browser), Some(system)) => format!("{system} இல் {browser}"),
        (_, Some(only), None) => only.to_owned(),
        (Locale::En, None, Some(system)) => format!("a browser on {system}"),
        (Locale::Ta, None, Some(system)) => format!("{system} இல் ஓர் உலாவி"),
        (Locale::En, None, None) => "an unknown device".into(),
        (Locale::Ta, None, None) => "தெரியாத சாதனம்".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tickets::{Kind, Priority};

    #[test]
    fn dates_are_written_in_the_language() {
        let at = "2026-01-02T23:05:09Z".parse().unwrap();
        assert_eq!(minute(at, Locale::En), "2 January 2026, 23:05 UTC");
        assert_eq!(minute(at, Locale::Ta), "2 ஜனவரி 2026, 23:05 UTC");
        let at = "2026-12-31T00:00:00Z".parse().unwrap();
        assert_eq!(day(at, Locale::Ta), "31 டிசம்பர் 2026");
    }

    #[test]
    fn every_kind_and_priority_has_a_word() {
        for name in [Kind::NAMES, Priority::NAMES].concat() {
            assert_eq!(code(name, Locale::En), name);
            assert_ne!(code(name, Locale::Ta), name);
        }
    }

    #[test]
    fn a_device_is_named_by_what_is_known() {
        let named = |locale| {
            let both = device(Some("Firefox"), Some("Windows"), locale);
            let none = device(None, None, locale);
            [both, device(None, Some("iPhone"), locale), none]
        };
        assert_eq!(
            named(Locale::En),
            [
                "Firefox on Windows",
                "a browser on iPhone",
                "an unknown device"
            ]
        );
        assert_eq!(
            named(Locale::Ta),
            ["Windows இல் Firefox", "iPhone இல் ஓர் உலாவி", "தெரியாத சாதனம்"]
        );
        assert_eq!(device(Some("curl"), None, Locale::Ta), "curl");
    }
}
