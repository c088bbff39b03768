//! Bodies of security questions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    check::Check,
    config::Secret,
    problem::{FieldCode, Problem},
};

use super::model::{self, Question};

const AT_MOST: usize = 3;

/// The caller's questions, without the answers: nobody sees those again.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecurityQuestions {
    pub items: Vec<QuestionView>,
}

/// A question.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecurityQuestion)]
pub struct QuestionView {
    #[schema(example = "Who taught me to ride a bicycle?")]
    pub question: String,
}

impl From<Vec<Question>> for SecurityQuestions {
    fn from(questions: Vec<Question>) -> Self {
        let view = |q: Question| QuestionView {
            question: q.question,
        };
        Self {
            items: questions.into_iter().map(view).collect(),
        }
    }
}

/// The questions instead of those before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSecurityQuestions {
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password, example = "purple lamps hum")]
    pub current_password: Option<Secret>,
    /// None to three. None: only the mailed code is asked.
    #[schema(max_items = 3)]
    pub items: Vec<NewQuestion>,
}

/// A question and its answer. Case, space and the width of letters make no difference in an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSecurityQuestion)]
pub struct NewQuestion {
    #[schema(
        min_length = 5,
        max_length = 200,
        example = "Who taught me to ride a bicycle?"
    )]
    pub question: String,
    #[schema(value_type = String, format = Password, min_length = 2, max_length = 200, example = "Aunt Meena")]
    pub answer: Secret,
}

impl SetSecurityQuestions {
    /// Questions and answers.
    pub fn check(&self) -> Result<Vec<(String, Secret)>, Problem> {
        let mut check = Check::new();
        if self.items.len() > AT_MOST {
            let detail = "Set at most three questions.";
            check.fail("/items", FieldCode::TooLong, detail);
        }
        let mut checked: Vec<(String, Secret)> = Vec::new();
        for (n, item) in self.items.iter().take(AT_MOST).enumerate() {
            let question = check.line(&format!("/items/{n}/question"), &item.question, 5, 200);
            let at = format!("/items/{n}/answer");
            let answer = model::normal(item.answer.reveal());
            match answer.chars().count() {
                0 => check.fail(&at, FieldCode::Required, "Please fill this in."),
                1 => check.fail(&at, FieldCode::TooShort, "Use at least 2 characters."),
                2..=200 => {}
                _ => check.fail(&at, FieldCode::TooLong, "Use at most 200 characters."),
            }
            if answer.len() > 1 && model::normal(&question).contains(&answer) {
                check.fail(&at, FieldCode::NotAllowed, "The answer is in the question.");
            }
            let mut before = checked.iter();
            if before.any(|(q, a)| {
                model::normal(q) == model::normal(&question)
                    || (!answer.is_empty() && model::normal(a.reveal()) == answer)
            }) {
                check.fail(
                    &at,
                    FieldCode::NotAllowed,
                    "Every question and every answer has to be another one.",
                );
            }
            checked.push((question, item.answer.clone()));
        }
        check.done()?;
        Ok(checked)
    }
}
