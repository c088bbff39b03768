//! Languages.

use crate::text_enum;

text_enum! {
    /// The language a person reads: of the pages and of the mails.
    #[derive(Default)]
    pub enum Locale { #[default] En = "en", Ta = "ta" }
}

impl Locale {
    /// The language of ours that a request would like best (`Accept-Language`, RFC 9110 section 12.5.4), or English.
    pub fn preferred(header: &str) -> Self {
        let mut best = (Self::default(), 0.0);
        for wish in header.split(',') {
            let mut parts = wish.split(';').map(str::trim);
            let tag = parts.next().and_then(|range| range.split('-').next());
            let known = tag.and_then(|tag| Self::parse(&tag.to_ascii_lowercase()));
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight: f32 = weight.map_or(1.0, |q| q.parse().unwrap_or_default());
            if let Some(locale) = known.filter(|_| weight > best.1) {
                best = (locale, weight);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_a_request_likes_best() {
        for (header, locale) in [
            ("", Locale::En),
            ("ta", Locale::Ta),
            ("ta-IN,ta;q=0.9,en;q=0.8", Locale::Ta),
            ("TA-lk", Locale::Ta),
            ("de-DE, ta;q=0.3, en;q=0.2", Locale::Ta),
            ("en-GB, ta", Locale::En),
            ("en;q=0.5 , ta ; q=0.8", Locale::Ta),
            ("ta;q=0, *", Locale::En),
            ("ta;q=much", Locale::En),
            ("tar,table", Locale::En),
        ] {
            assert_eq!(Locale::preferred(header), locale, "{header}");
        }
    }
}
