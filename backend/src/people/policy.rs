//! Who may do what with people. One's own profile needs no rule: it is reached without an id.

use crate::auth::{Actor, Role};

/// What can be done with a person by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    See,
    Change,
    Invite,
}

/// Whether the actor may know that the person exists.
pub fn sees(actor: &Actor, _person: Role) -> bool {
    actor.role == Role::Admin
}

/// Whether the actor may do it. Nobody changes or invites customers and admins here: customers change themselves, admins
/// are made on the server's command line.
pub fn allows(actor: &Actor, action: Action, person: Role) -> bool {
    actor.role == Role::Admin && (action == Action::See || person == Role::Agent)
}
