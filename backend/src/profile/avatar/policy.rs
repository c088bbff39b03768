//! Who sees whose picture.

use crate::{
    auth::{Actor, Role},
    db::ids::UserId,
};

/// What it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    Always,
    /// A customer whose ticket they see.
    AsTheirAgent,
    /// Somebody who worked on a ticket of theirs.
    AsTheirCustomer,
}

/// Whether the actor sees the person, who has this role.
pub fn sees(actor: &Actor, id: UserId, role: Role) -> Option<Sees> {
    match (actor.role, role) {
        _ if actor.id == id => Some(Sees::Always),
        (Role::Admin, _) | (Role::Agent, Role::Agent | Role::Admin) => Some(Sees::Always),
        (Role::Agent, Role::Customer) => Some(Sees::AsTheirAgent),
        (Role::Customer, Role::Agent | Role::Admin) => Some(Sees::AsTheirCustomer),
        (Role::Customer, Role::Customer) => None,
    }
}
