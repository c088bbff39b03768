//! What happened to one ticket, when: pure arithmetic, the same at every start.

use chrono::{DateTime, Duration, Utc};

use super::fixture::{Conversation, State, Ticket};

/// One entry of a ticket's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    Created,
    Assigned,
    Priority(&'static str),
    Agent(&'a str),
    Customer(&'a str),
    Status(&'static str, &'static str),
    Feedback {
        outcome: i32,
        agent: i32,
        comment: Option<&'a str>,
    },
}

/// A number below `end` that looks random and depends on nothing but its arguments.
pub fn pick(n: usize, salt: usize, end: usize) -> usize {
    let mixed = (n + 1)
        .wrapping_mul(2_654_435_761)
        .wrapping_add(salt.wrapping_mul(40_503))
        .wrapping_mul(2_246_822_519);
    (mixed >> 16) % end.max(1)
}

/// The steps that lead to the ticket's state.
pub fn steps<'a>(n: usize, ticket: &Ticket, said: &'a Conversation) -> Vec<Step<'a>> {
    let mut steps = vec![Step::Created];
    if ticket.state == State::New {
        return steps;
    }
    if ticket.state == State::Withdrawn && pick(n, 1, 2) == 0 {
        steps.push(Step::Status("open", "withdrawn"));
        return steps;
    }
    steps.push(Step::Assigned);
    match pick(n, 2, 8) {
        0 => steps.push(Step::Priority("high")),
        1 => steps.push(Step::Priority("low")),
        2 if ticket.kind == "complaint" => steps.push(Step::Priority("urgent")),
        _ => {}
    }
    steps.push(Step::Agent(&said.hello));
    let talk = [
        Step::Customer(&said.reply),
        Step::Agent(&said.ask),
        Step::Customer(&said.answer),
        Step::Agent(&said.wait),
        Step::Agent(&said.solved),
    ];
    let (words, status): (usize, &[_]) = match ticket.state {
        State::New => (0, &[]),
        State::Open => (pick(n, 3, 4), &[]),
        State::Pending => (2, &[Step::Status("open", "pending")]),
        State::OnHold => (4, &[Step::Status("open", "on_hold")]),
        State::Resolved => (5, &[Step::Status("open", "resolved")]),
        State::Closed => (
            5,
            &[
                Step::Status("open", "resolved"),
                Step::Status("resolved", "closed"),
            ],
        ),
        State::Withdrawn => (pick(n, 4, 2), &[Step::Status("open", "withdrawn")]),
    };
    steps.extend(talk.into_iter().take(words));
    steps.extend_from_slice(status);
    if ticket.state == State::Closed && pick(n, 5, 6) > 0 {
        let ratings = [5, 5, 4, 5, 3, 4, 5, 2, 4, 5];
        let outcome = ratings.get(pick(n, 6, ratings.len())).copied().unwrap_or(5);
        steps.push(Step::Feedback {
            outcome,
            agent: (outcome + 1).min(5),
            comment: (outcome > 3).then_some(said.thanks.as_str()),
        });
    }
    steps
}

/// Minutes that a ticket in this state is old, from and to: what waits is young, what is done is older.
fn age(state: State) -> (usize, usize) {
    const DAY: usize = 24 * 60;
    match state {
        State::New => (6, 2 * DAY),
        State::Open => (3 * 60, 9 * DAY),
        State::Pending => (DAY, 13 * DAY),
        State::OnHold => (6 * DAY, 26 * DAY),
        State::Resolved => (2 * DAY, 24 * DAY),
        State::Closed => (2 * DAY, 60 * DAY),
        State::Withdrawn => (3 * DAY, 50 * DAY),
    }
}

/// When each of `count` steps happened: the ticket is the `nth` of `of` tickets in its state, spread evenly by age.
pub fn times(
    now: DateTime<Utc>,
    n: usize,
    state: State,
    (nth, of): (usize, usize),
    count: usize,
) -> Vec<DateTime<Utc>> {
    let (youngest, oldest) = age(state);
    let slot = (oldest - youngest) / of.max(1);
    let old = youngest + slot * nth + pick(n, 7, slot.max(1));
    let created = now - minutes(old);
    // Work begins within hours and fills a good part of the time there was.
    let (mut at, mut all) = (0, vec![created]);
    let mut gaps: Vec<usize> = (1..count)
        .map(|i| match i {
            1 => 10 + pick(n, 8, 170),
            2 => 5 + pick(n, 9, 230),
            _ => 40 + pick(n, 10 + i, 2200),
        })
        .collect();
    let total: usize = gaps.iter().sum();
    let room = old * 9 / 10;
    if total > room {
        for gap in &mut gaps {
            *gap = *gap * room / total;
        }
    }
    for gap in gaps {
        at += gap;
        all.push(created + minutes(at));
    }
    all
}

fn minutes(n: usize) -> Duration {
    Duration::minutes(i64::try_from(n).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn times_go_forward_and_never_reach_the_future() {
        let now = clock::now();
        for state in [State::New, State::Open, State::Closed, State::Withdrawn] {
            for nth in 0..20 {
                let times = times(now, nth * 3, state, (nth, 20), 11);
                assert!(times.is_sorted() && times[10] < now);
                assert!(now - times[0] <= Duration::days(60));
            }
        }
    }
}
