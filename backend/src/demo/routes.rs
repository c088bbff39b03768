//! `GET /demo`, `GET /demo/mailbox`: there is nothing here outside demo mode.

use actix_web::{get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{app::App, http::Json, problem::Problem};

use super::{
    ACCOUNTS, PASSWORD,
    wire::{Demo, DemoAccount, DemoMail, DemoMailbox},
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(get_demo).service(get_demo_mailbox);
}

fn only_in_demo(app: &App) -> Result<(), Problem> {
    if app.config.demo {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

/// The demo's accounts
///
/// Public, and only in demo mode (`CARE_DEMO=1`): accounts with their passwords, one customer, two agents and an admin.
/// Everywhere else the answer is 404.
#[utoipa::path(tag = "demo", responses(
    (status = 200, description = "The accounts.", body = Demo),
    (status = 404, description = "This is not a demo.", body = crate::problem::ProblemBody,
        content_type = "application/problem+json"),
))]
#[get("/demo")]
async fn get_demo(app: Data<App>) -> Result<Json<Demo>, Problem> {
    only_in_demo(&app)?;
    let accounts = ACCOUNTS.iter().map(|a| DemoAccount {
        role: a.role,
        name: a.name,
        email: a.email,
        password: PASSWORD,
    });
    Ok(Json(Demo {
        enabled: true,
        accounts: accounts.collect(),
    }))
}

/// The demo's mailbox
///
/// Public, and only in demo mode: every mail this server has sent since it started, newest first, so that a newcomer can
/// read confirmation codes. Everywhere else the answer is 404.
#[utoipa::path(tag = "demo", responses(
    (status = 200, description = "The mails, at most 500.", body = DemoMailbox),
    (status = 404, description = "This is not a demo.", body = crate::problem::ProblemBody,
        content_type = "application/problem+json"),
))]
#[get("/demo/mailbox")]
async fn get_demo_mailbox(app: Data<App>) -> Result<Json<DemoMailbox>, Problem> {
    only_in_demo(&app)?;
    let sent = app.mailer.memory().into_iter().rev();
    let items = sent.map(|mail| DemoMail {
        id: mail.message_id.trim_matches(['<', '>']).to_owned(),
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        at: mail.at,
    });
    Ok(Json(DemoMailbox {
        items: items.collect(),
    }))
}
