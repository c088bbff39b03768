//! What people change about their own account beyond name and language, each in a folder of its own.

pub mod email;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(api: &mut ServiceConfig) {
    api.configure(email::routes);
}
