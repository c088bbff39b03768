//! What one author tried and what was answered (the set checker of Jepsen, <https://jepsen.io>).

use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Ledger {
    /// Texts in the order in which they were first sent. Each is unique.
    pub attempted: Vec<String>,
    /// Text and number of each message that the server said is stored, in the order of the answers.
    pub answered: Vec<(i64, String)>,
    /// Requests sent again because nothing, or 503, came back.
    pub retries: usize,
}

impl Ledger {
    pub fn acknowledged(&self) -> usize {
        self.answered.len()
    }

    /// Checks all authors of one conversation against what is stored, as (number, text) in order.
    pub fn check(authors: &[Ledger], stored: &[(i64, String)]) {
        let place: BTreeMap<&str, i64> = stored
            .iter()
            .map(|(seq, text)| (text.as_str(), *seq))
            .collect();
        assert_eq!(place.len(), stored.len(), "a message is stored twice");
        let attempted: BTreeSet<&str> = authors
            .iter()
            .flat_map(|a| &a.attempted)
            .map(String::as_str)
            .collect();
        for text in place.keys() {
            assert!(
                attempted.contains(text),
                "{text:?} is stored but nobody sent it"
            );
        }
        for author in authors {
            for (seq, text) in &author.answered {
                assert_eq!(
                    place.get(text.as_str()),
                    Some(seq),
                    "{text:?} was acknowledged"
                );
            }
            // Sent one after the other, so they stand one after the other.
            assert!(
                author.answered.is_sorted(),
                "an author's messages changed places: {:?}",
                author.answered
            );
        }
    }
}
