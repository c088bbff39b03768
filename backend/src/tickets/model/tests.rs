//! Every status × move × role, against a table written by hand.

use super::*;

const ROLES: [Role; 3] = [Role::Customer, Role::Agent, Role::Admin];

fn moves() -> Vec<Move> {
    let mut moves = vec![
        Move::Message,
        Move::Withdraw,
        Move::Confirm,
        Move::Reopen,
        Move::Assign,
        Move::Take,
        Move::SetPriority,
        Move::EditContact,
        Move::Rate,
    ];
    moves.extend(Status::ALL.iter().map(|s| Move::SetStatus(*s)));
    moves
}

/// What follows each move from open, pending, on_hold, resolved, closed and withdrawn, in this order, while the reopen
/// window is open. `-` is illegal.
fn expected(mv: Move, role: Role) -> [&'static str; 6] {
    use Role::{Admin, Agent, Customer};
    const STAYS_WHILE_ACTIVE: [&str; 6] = ["open", "pending", "on_hold", "resolved", "-", "-"];
    match (mv, role) {
        (Move::Message, Customer) => ["open", "open", "on_hold", "open", "-", "-"],
        (Move::Message, Agent)
        | (Move::Assign, Admin)
        | (Move::Take, Agent)
        | (Move::SetPriority, Agent | Admin)
        | (Move::EditContact, Customer) => STAYS_WHILE_ACTIVE,
        (Move::Withdraw, Customer) => ["withdrawn", "withdrawn", "withdrawn", "-", "-", "-"],
        (Move::Confirm, Customer) => ["-", "-", "-", "closed", "-", "-"],
        (Move::Reopen, Customer) => ["-", "-", "-", "open", "open", "open"],
        (Move::Rate, Customer) => ["-", "-", "-", "resolved", "closed", "-"],
        (Move::SetStatus(Status::Open), Agent) => ["-", "open", "open", "open", "-", "-"],
        (Move::SetStatus(Status::Pending), Agent) => {
            ["pending", "-", "pending", "pending", "-", "-"]
        }
        (Move::SetStatus(Status::OnHold), Agent) => {
            ["on_hold", "on_hold", "-", "on_hold", "-", "-"]
        }
        (Move::SetStatus(Status::Resolved), Agent) => {
            ["resolved", "resolved", "resolved", "-", "-", "-"]
        }
        _ => ["-"; 6],
    }
}

#[test]
fn every_move_by_every_role_from_every_status() {
    let mut tried = 0;
    for mv in moves() {
        for role in ROLES {
            for (status, want) in Status::ALL.iter().zip(expected(mv, role)) {
                let when = Circumstances {
                    role,
                    reopen_window_open: true,
                };
                let got = next(*status, mv, when);
                let got_text = got.map_or("-", Status::as_str);
                assert_eq!(got_text, want, "{mv:?} by {role} from {status}: {got:?}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 15 * 3 * 6);
}

#[test]
fn after_the_window_only_reopening_a_final_ticket_changes() {
    for mv in moves() {
        for role in ROLES {
            for status in Status::ALL {
                let when = |reopen_window_open| Circumstances {
                    role,
                    reopen_window_open,
                };
                let (open, shut) = (
                    next(*status, mv, when(true)),
                    next(*status, mv, when(false)),
                );
                if mv == Move::Reopen && role == Role::Customer && status.is_final() {
                    assert_eq!(shut, Err(Illegal::ReopenWindowOver));
                } else {
                    assert_eq!(open, shut, "{mv:?} by {role} from {status}");
                }
            }
        }
    }
}

#[test]
fn final_means_that_nothing_but_reopening_and_rating_leads_on() {
    for mv in moves() {
        for role in ROLES {
            for status in [Status::Closed, Status::Withdrawn] {
                let when = Circumstances {
                    role,
                    reopen_window_open: true,
                };
                if next(status, mv, when).is_ok() {
                    assert!(matches!(mv, Move::Reopen | Move::Rate));
                }
            }
        }
    }
}

#[test]
fn numbers_read_back_and_nothing_else_does() {
    assert_eq!(parse_number(&number_text(1042)), Some(1042));
    assert_eq!(parse_number("ccr-7"), Some(7));
    for bad in [
        "",
        "1042",
        "CCR-",
        "CCR--1",
        "CCR-+1",
        "CCR-1a",
        "CCR-9999999999999999999",
        "CCR-१",
        "éé1",
    ] {
        assert_eq!(parse_number(bad), None, "{bad}");
    }
}
