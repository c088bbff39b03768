//! One-time codes: six digits to type, or a link to follow.
//!
//! Nothing that opens a door is stored: both derive from a random salt under a key the database lacks, again whenever
//! the mail is rendered. Only the newest code of a person and purpose counts; it works once and not after its expiry,
//! which the database's clock decides. Guessing digits is counted before it is judged; a link has 256 bits and is not
//! counted, so that nobody can use up the guesses of another person's code and lock them out.

use diesel::PgConnection;
use serde_json::json;

use crate::{
    config::{Auth, Secret},
    db::{
        Tx,
        ids::{CodeId, UserId},
    },
    events::{self, Event, EventKind},
    http::Origin,
    problem::{Code as ProblemCode, Problem},
};

use super::{
    limits,
    model::{Code, Purpose},
    queries, secrets,
};

fn salted(id: CodeId, salt: &[u8]) -> Vec<u8> {
    [salt, id.0.as_bytes()].concat()
}

fn key(secret: &Secret) -> secrets::Key {
    secrets::key(secret, "one-time code")
}

/// The six digits of a code, for its mail.
pub fn digits(secret: &Secret, id: CodeId, salt: &[u8]) -> String {
    secrets::six_digits(&key(secret), &salted(id, salt))
}

/// Whether these are its digits.
fn fits(secret: &Secret, code: &Code, typed: &Secret) -> bool {
    let right = digits(secret, code.id, &code.salt);
    secrets::same(right.as_bytes(), typed.reveal().as_bytes())
}

/// The token of a code's link: the id, to find it by, and its proof. It belongs into the fragment of the address, which
/// browsers send to no server and in no Referer.
pub fn token(secret: &Secret, id: CodeId, salt: &[u8]) -> String {
    let proof = secrets::link_token(&key(secret), &salted(id, salt));
    secrets::encode(&[id.0.as_bytes().as_slice(), &proof].concat())
}

fn undo_key(secret: &Secret) -> secrets::Key {
    secrets::key(secret, "undo of a one-time code")
}

/// The token of the link that takes back what a code brought about.
pub fn undo_token(secret: &Secret, id: CodeId, salt: &[u8]) -> String {
    let proof = secrets::link_token(&undo_key(secret), &salted(id, salt));
    secrets::encode(&[id.0.as_bytes().as_slice(), &proof].concat())
}

/// The code whose [`undo_token`] this is.
pub fn find_undone(
    conn: &mut PgConnection,
    secret: &Secret,
    token: &Secret,
) -> Result<Option<Code>, Problem> {
    let Some((id, presented)) = parse_token(token) else {
        return Ok(None);
    };
    let code = queries::find_code(conn, id)?;
    Ok(code.filter(|c| {
        let right = secrets::link_token(&undo_key(secret), &salted(c.id, &c.salt));
        secrets::same(&right, &presented)
    }))
}

/// The same answer for wrong, expired, used, replaced and never issued.
pub fn refused() -> Problem {
    Problem::new(
        ProblemCode::CodeWrongOrExpired,
        "That code or link is wrong or has expired. Ask for a new one.",
    )
}

/// Makes a code, replacing the one before, and says so. The caller holds the person's row lock.
pub fn issue(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    user_id: UserId,
    purpose: Purpose,
) -> Result<CodeId, Problem> {
    queries::void_codes(tx, user_id, Some(purpose))?;
    let ttl = match purpose {
        Purpose::Invitation => auth.link_ttl,
        _ => auth.code_ttl,
    };
    let id = queries::insert_code(tx, user_id, purpose, &secrets::random::<16>(), ttl)?;
    let data = json!({ "code_id": id, "purpose": purpose });
    events::emit(
        tx,
        origin,
        Event::about_user(EventKind::CodeIssued, user_id, data),
    )?;
    Ok(id)
}

/// [`issue`], unless the last one is younger than the wait between two.
pub fn issue_after_wait(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    user_id: UserId,
    purpose: Purpose,
) -> Result<(), Problem> {
    if !queries::has_recent_code(tx, user_id, purpose, auth.code_resend_wait)? {
        issue(tx, auth, origin, user_id, purpose)?;
    }
    Ok(())
}

/// The live code if it is younger than the wait between two, else a new one. The caller holds the person's row lock.
pub fn issue_or_keep(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    user_id: UserId,
    purpose: Purpose,
) -> Result<CodeId, Problem> {
    match queries::find_recent_code(tx, user_id, purpose, auth.code_resend_wait)? {
        Some(id) => Ok(id),
        None => issue(tx, auth, origin, user_id, purpose),
    }
}

/// Whether these are the digits of the code that a sign-in asks for, which is used up then. The caller has counted the guess
/// against the challenge; the person's guesses of the day are counted here.
pub fn accepts(tx: &mut Tx<'_>, auth: &Auth, id: CodeId, typed: &Secret) -> Result<bool, Problem> {
    let Some(code) = queries::find_live_code(tx, id)? else {
        return Ok(false);
    };
    limits::guess_step(tx, auth, code.user_id)?;
    let right = fits(&auth.secret, &code, typed);
    if right {
        consume(tx, &code)?;
        limits::forget_step_guesses(tx, code.user_id)?;
    }
    Ok(right)
}

/// What someone presents as proof.
#[derive(Clone)]
pub enum Proof {
    Token(Secret),
    Digits { email: String, code: Secret },
}

/// The code a proof stands for, if the proof is right. Counts a guess of digits before judging it; the count stands even
/// when the answer is no, so this runs in a transaction of its own that commits.
pub fn judge(
    tx: &mut Tx<'_>,
    auth: &Auth,
    proof: &Proof,
    purpose: Purpose,
) -> Result<Option<Code>, Problem> {
    match proof {
        Proof::Token(text) => {
            let Some((id, presented)) = parse_token(text) else {
                return Ok(None);
            };
            let code = queries::find_live_code(tx, id)?.filter(|c| c.purpose == purpose);
            Ok(code.filter(|c| {
                secrets::same(
                    &secrets::link_token(&key(&auth.secret), &salted(c.id, &c.salt)),
                    &presented,
                )
            }))
        }
        Proof::Digits { email, code: typed } => {
            let Some(code) = queries::count_guess(tx, email, purpose, auth.code_attempts)? else {
                return Ok(None);
            };
            let subject = code.user_id.to_string();
            if limits::is_over_daily_guesses(tx, &subject, auth.code_attempts_per_day)? {
                return Ok(None);
            }
            Ok(fits(&auth.secret, &code, typed).then_some(code))
        }
    }
}

fn parse_token(text: &Secret) -> Option<(CodeId, Vec<u8>)> {
    let bytes = secrets::decode(text.reveal())?;
    let (id, proof) = bytes.split_first_chunk::<16>()?;
    (proof.len() == 32).then(|| (CodeId(uuid::Uuid::from_bytes(*id)), proof.to_vec()))
}

/// Uses the code up; fails when someone else was quicker or it expired in between.
pub fn consume(tx: &mut Tx<'_>, code: &Code) -> Result<(), Problem> {
    if queries::use_code(tx, code.id)? {
        limits::forget_guesses(tx, &code.user_id.to_string())
    } else {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_token_belong_to_one_code_and_one_secret() {
        let secret = Secret::new("9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa");
        let (id, salt) = (CodeId::new(), secrets::random::<16>());
        assert_eq!(digits(&secret, id, &salt), digits(&secret, id, &salt));
        assert_eq!(digits(&secret, id, &salt).len(), 6);
        let mine = token(&secret, id, &salt);
        assert_ne!(mine, token(&secret, CodeId::new(), &salt));
        assert_ne!(mine, token(&secret, id, &secrets::random::<16>()));
        let other = Secret::new("another secret of some length, 32+");
        assert_ne!(mine, token(&other, id, &salt));
        assert_eq!(parse_token(&Secret::new(mine)).unwrap().0, id);
    }

    #[test]
    fn malformed_tokens_find_nothing() {
        for bad in ["", "x", "AAAA", "%", &"A".repeat(1000)] {
            assert!(parse_token(&Secret::new(bad)).is_none(), "{bad}");
        }
    }
}
