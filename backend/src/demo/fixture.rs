//! The demo's raw material, part of the binary. `backend/fixtures/README.md` names its source.

use std::collections::HashMap;

use serde::Deserialize;

const NARRATIVES: &str = include_str!("../../fixtures/cfpb_excerpt.csv");
const SCRIPT: &str = include_str!("../../fixtures/demo.json");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    pub services: Vec<Service>,
    /// Names of further customers.
    pub customers: Vec<String>,
    pub tickets: Vec<Ticket>,
    /// By service key; each ticket names one of the list.
    pub conversations: HashMap<String, Vec<Conversation>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub key: String,
    pub name: String,
    pub description: String,
    pub icon: String,
}

/// How far a ticket has come. `New` is open and nobody has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    New,
    Open,
    Pending,
    OnHold,
    Resolved,
    Closed,
    Withdrawn,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    pub service: String,
    pub kind: String,
    pub subject: String,
    pub state: State,
    pub arc: usize,
    pub against: Option<String>,
    pub wanted_outcome: Option<String>,
    #[serde(default)]
    pub by_demo_customer: bool,
    /// What the consumer wrote, from the other file.
    #[serde(skip)]
    pub narrative: String,
}

/// What is said, from first contact to the end; a ticket uses as much of it as its state needs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    pub hello: String,
    pub reply: String,
    pub ask: String,
    pub answer: String,
    pub wait: String,
    pub solved: String,
    pub thanks: String,
}

/// Reads both files.
pub fn load() -> Result<Fixture, String> {
    let mut fixture: Fixture = serde_json::from_str(SCRIPT).map_err(|e| e.to_string())?;
    let records = csv(NARRATIVES);
    let narratives = records.iter().skip(1).filter_map(|r| r.get(1));
    if narratives.clone().count() != fixture.tickets.len() {
        return Err("each ticket needs one narrative".into());
    }
    for (ticket, narrative) in fixture.tickets.iter_mut().zip(narratives) {
        narrative.trim().clone_into(&mut ticket.narrative);
    }
    Ok(fixture)
}

/// The records of a CSV text (RFC 4180).
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match (quoted, c) {
            (true, '"') if chars.next_if_eq(&'"').is_some() => field.push('"'),
            (true, '"') => quoted = false,
            (false, '"') => quoted = true,
            (false, ',') => record.push(std::mem::take(&mut field)),
            (false, '\r') => {}
            (false, '\n') => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            (_, c) => field.push(c),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_with_quotes_commas_and_line_breaks() {
        let records = csv("a,b\n\"x, \"\"y\"\"\nz\",2\r\nlast,");
        let expected = [vec!["a", "b"], vec!["x, \"y\"\nz", "2"], vec!["last", ""]];
        assert_eq!(records, expected);
    }

    #[test]
    fn the_fixture_fits_the_schema() {
        let fixture = load().unwrap();
        assert!(fixture.tickets.len() >= 60 && fixture.services.len() >= 8);
        for ticket in &fixture.tickets {
            assert!((3..=200).contains(&ticket.subject.chars().count()));
            assert!(
                (100..=20_000).contains(&ticket.narrative.chars().count()),
                "{}",
                ticket.subject
            );
            assert!(fixture.services.iter().any(|s| s.key == ticket.service));
            assert!(fixture.conversations[&ticket.service].len() > ticket.arc);
            let only_complaints = ticket.against.is_none() && ticket.wanted_outcome.is_none();
            assert!(
                ticket.kind == "complaint" || only_complaints,
                "{}",
                ticket.subject
            );
        }
        let states: std::collections::HashSet<_> =
            fixture.tickets.iter().map(|t| t.state).collect();
        assert_eq!(states.len(), 7, "every state is shown");
    }
}
