//! What people change about their own account beyond name and language, each in a folder of its own.

pub mod avatar;
mod choices;
mod email;
mod phone;
mod questions;

use utoipa_actix_web::service_config::ServiceConfig;

pub use choices::wants_mail;
pub use phone::{give_up as give_up_text, send_text};
pub use questions::ask as ask_security_questions;

pub fn routes(api: &mut ServiceConfig) {
    api.configure(email::routes)
        .configure(avatar::routes)
        .configure(choices::routes)
        .configure(phone::routes)
        .configure(questions::routes);
}
