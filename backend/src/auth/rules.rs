//! What a new password must be (NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 6.2): long enough, not among the first an
//! attacker tries, not the person's own name. No rules of composition.

use std::{collections::HashSet, sync::LazyLock};

use crate::{
    check::Check,
    config::Secret,
    problem::{FieldCode, Problem},
};

use super::password::{MAX_BYTES, MIN_CHARS, normal};

/// Common passwords and the words they are made of, one per line, lower case, without decoration.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt")
        .lines()
        .filter(|l| !l.is_empty())
        .collect()
});

/// A shorter word is in too many good passwords by chance.
const MIN_PERSONAL: usize = 4;

/// Checks a new password and its repetition. `personal` are texts an attacker would try for this person: address, name,
/// the product's name.
pub fn check(check: &mut Check, password: &Secret, confirmation: &Secret, personal: &[&str]) {
    let text = normal(password);
    let at = "/password";
    if text.is_empty() {
        check.fail(at, FieldCode::Required, "Choose a password.");
    } else if text.chars().count() < MIN_CHARS {
        check.fail(
            at,
            FieldCode::TooShort,
            format!("Use at least {MIN_CHARS} characters. A few words in a row work well."),
        );
    } else if text.len() > MAX_BYTES {
        check.fail(
            at,
            FieldCode::TooLong,
            format!("Use at most {MAX_BYTES} bytes: about {MAX_BYTES} letters, fewer with accents or emoji."),
        );
    } else if text.contains('\0') {
        check.fail(
            at,
            FieldCode::Malformed,
            "A password cannot contain a NUL character.",
        );
    } else if contains_personal(&text, personal) {
        check.fail(
            at,
            FieldCode::ContainsPersonal,
            "Leave out your name, your email address and our name.",
        );
    } else if is_common(&text) {
        check.fail(
            at,
            FieldCode::TooCommon,
            "Many people use this or something like it, so it is tried first. Choose something else.",
        );
    } else if normal(confirmation) != text {
        check.fail(
            "/password_confirmation",
            FieldCode::Mismatch,
            "The two passwords are not the same.",
        );
    }
}

/// [`check`] alone.
pub fn check_all(
    password: &Secret,
    confirmation: &Secret,
    personal: &[&str],
) -> Result<(), Problem> {
    let mut c = Check::new();
    check(&mut c, password, confirmation, personal);
    c.done()
}

/// Only letters and digits, lower case.
fn compact(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn contains_personal(password: &str, personal: &[&str]) -> bool {
    let password = compact(password);
    let mut terms = Vec::new();
    for text in personal {
        terms.push(compact(text));
        match text.split_once('@') {
            // Of an address, the part that names the person; not the provider.
            Some((local, _)) => {
                terms.push(compact(local));
                terms.extend(local.split(|c: char| !c.is_alphanumeric()).map(compact));
            }
            None => terms.extend(text.split_whitespace().map(compact)),
        }
    }
    terms
        .iter()
        .any(|term| term.chars().count() >= MIN_PERSONAL && password.contains(term.as_str()))
}

fn is_common(password: &str) -> bool {
    let lower: String = password.to_lowercase();
    let plain = compact(password);
    if COMMON.contains(lower.as_str()) || COMMON.contains(plain.as_str()) || is_pattern(&lower) {
        return true;
    }
    // "P@ssw0rd2024!", "123Sunshine", "$unshine1": one common word in decoration.
    let decoration = |c: char| !c.is_alphabetic();
    let cores = [
        lower.as_str(),
        lower.trim_end_matches(decoration),
        lower.trim_start_matches(decoration),
        lower.trim_matches(decoration),
    ];
    cores.iter().any(|core| {
        [(*core).to_owned(), unleet(core)].iter().any(|word| {
            COMMON.contains(word.as_str()) || twice(word).is_some_and(|w| COMMON.contains(w))
        })
    })
}

/// Letters for the digits and signs that stand in for them.
fn unleet(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' | '+' => 't',
            '8' => 'b',
            c => c,
        })
        .collect()
}

/// The half of a word that is written twice.
fn twice(word: &str) -> Option<&str> {
    let (first, second) = word.split_at_checked(word.len() / 2)?;
    (!first.is_empty() && first == second).then_some(first)
}

const ROWS: [&str; 6] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
];

/// Repeats ("abcabcabc"), runs ("87654321", "abcdefgh") and keyboard walks ("qwertyuiop"), also a few in a row.
fn is_pattern(text: &str) -> bool {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let repeats = (1..=4).any(|period| {
        chars
            .iter()
            .zip(chars.iter().skip(period))
            .all(|(a, b)| a == b)
    });
    let breaks = chars
        .iter()
        .zip(chars.iter().skip(1))
        .filter(|(a, b)| !follows(**a, **b))
        .count();
    repeats || breaks * 4 <= chars.len()
}

/// Whether `b` is what a bored finger presses after `a`.
fn follows(a: char, b: char) -> bool {
    let step = i64::from(u32::from(b)) - i64::from(u32::from(a));
    let on_a_row = || {
        ROWS.iter().any(
            |row| matches!((row.find(a), row.find(b)), (Some(i), Some(j)) if i.abs_diff(j) == 1),
        )
    };
    (a.is_alphanumeric() && (-1..=1).contains(&step)) || step == 0 || on_a_row()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Option<FieldCode> {
        let mut c = Check::new();
        let p = Secret::new(password);
        check(
            &mut c,
            &p,
            &p,
            &[
                "ann.example@mail.test",
                "Ann Kovalenko",
                "Customer Care Registry",
            ],
        );
        c.done()
            .err()
            .and_then(|p: Problem| p.fields.first().map(|f| f.code))
    }

    #[test]
    fn the_list_is_long_and_plain() {
        assert!(COMMON.len() >= 3000, "{}", COMMON.len());
        assert!(
            COMMON
                .iter()
                .all(|w| w.chars().count() >= 4 && w.to_lowercase() == **w)
        );
    }

    #[test]
    fn common_ones_are_refused_also_in_decoration() {
        for bad in [
            "password",
            "password1",
            "P@ssw0rd",
            "P@ssw0rd2024!",
            "iloveyou",
            "trustno1",
            "football",
            "sunshine99",
            "123sunshine",
            "Baseball!",
            "qwertyuiop",
            "1q2w3e4r",
            "1qaz2wsx",
            "12345678",
            "87654321",
            "11111111",
            "abcabcabc",
            "abcd1234",
            "aaaabbbb",
            "qwerty123",
            "letmein1",
            "welcome1",
            "dragon12",
            "superman",
            "michelle",
            "princess",
            "starwars",
            "passwordpassword",
            "asdfghjkl",
            "zaq12wsx",
            "changeme",
            "monkey123",
            "Summer2024",
            "Winter2025!",
            "administrator",
            "whatever",
            "jennifer",
            "computer",
            "internet",
            "corvette",
        ] {
            assert_eq!(verdict(bad), Some(FieldCode::TooCommon), "{bad}");
        }
    }

    #[test]
    fn personal_words_are_refused() {
        for bad in [
            "ann.example@mail.test",
            "kovalenko-rules",
            "my example phrase",
            "Customer Care Registry",
            "customercareregistry1",
        ] {
            assert_eq!(verdict(bad), Some(FieldCode::ContainsPersonal), "{bad}");
        }
    }

    #[test]
    fn length_counts_characters_below_and_bytes_above() {
        assert_eq!(verdict("Xk7#pq2"), Some(FieldCode::TooShort));
        assert_eq!(verdict("Xk7#pq2v"), None);
        assert_eq!(verdict(&"tea for two 🫖 ".repeat(3)), None);
        assert_eq!(
            verdict(&"lorry wagons ".repeat(6)),
            Some(FieldCode::TooLong)
        );
        assert_eq!(verdict(&"水火木金".repeat(7)), Some(FieldCode::TooLong));
    }

    #[test]
    fn phrases_and_random_ones_are_taken() {
        for good in [
            "correct horse battery staple",
            "purple lamps hum",
            "tgv9wqzk",
            "nine green bottles",
            "mittens under snow",
            "the quick brown fox jumps over it",
            "жёлтый чемодан у двери",
            "hunter of lost socks",
        ] {
            assert_eq!(verdict(good), None, "{good}");
        }
    }
}
