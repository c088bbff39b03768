//! Asking for the answers, after the mailed code was right.

use std::time::Duration;

use crate::{
    app::App,
    auth,
    config::Secret,
    db::ids::UserId,
    problem::{FieldCode, FieldError, Problem},
};

use super::{actions, model};

/// The counter of guesses.
pub const GUESSES: &str = "security_answers";
const DAY: Duration = Duration::from_secs(86_400);

/// Passes who has no questions, or answers all of them. Without answers it says what is asked; that is no guess. A guess
/// is counted before it is judged, in a transaction of its own that commits.
pub async fn ask(app: &App, user: UserId, answers: Option<Vec<Secret>>) -> Result<(), Problem> {
    let questions = app.db.read(move |conn| actions::list(conn, user)).await?;
    if questions.is_empty() {
        return Ok(());
    }
    let Some(answers) = answers else {
        let asked = questions.iter().enumerate().map(|(n, q)| FieldError {
            pointer: format!("/answers/{n}"),
            code: FieldCode::Required,
            detail: q.question.clone(),
        });
        return Err(Problem::invalid(asked.collect()));
    };
    let limit = app.config.auth.code_attempts;
    app.db
        .write(move |tx| auth::spend(tx, GUESSES, &user.to_string(), (limit, DAY)))
        .await?;
    // All are compared, so that the time does not tell which one was wrong; nor does the answer.
    let mut right = answers.len() == questions.len();
    for (question, answer) in questions.into_iter().zip(answers) {
        let typed = model::keyed(&app.config.auth.secret, answer.reveal());
        let hash = Some(question.answer_hash);
        right &= app.passwords.verify(typed, hash).await?;
    }
    if !right {
        return Err(Problem::field(
            "/answers",
            FieldCode::Mismatch,
            "At least one answer is not right.",
        ));
    }
    app.db
        .write(move |tx| auth::forget(tx, GUESSES, &user.to_string()))
        .await
}
