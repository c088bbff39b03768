//! What people do with their own account, and who needs a second factor.

use serde_json::{Value, json};

use super::{
    ADMINS, GONE, PARTIES, Row, SIGNED_IN,
    Stage::{Assigned, None},
    WRONG, World, a_code, empty, nothing, row,
};
use crate::harness::PASSWORD;

fn password(_: &World) -> Value {
    json!({ "current_password": PASSWORD })
}

fn both_proofs(_: &World) -> Value {
    json!({ "current_password": PASSWORD, "code": "123456" })
}

pub const ROWS: &[Row] = &[
    row("get_my_second_factor", None, SIGNED_IN, nothing),
    // Nobody has begun to set one up, or has one: `second_factor`.
    row(
        "confirm_second_factor",
        None,
        [401, 409, 409, 409, 409, 409],
        |_| json!({ "code": "123456" }),
    ),
    row("begin_second_factor", None, SIGNED_IN, password),
    row(
        "renew_recovery_codes",
        None,
        [401, 409, 409, 409, 409, 409],
        both_proofs,
    ),
    row(
        "turn_off_second_factor",
        None,
        [401, 409, 409, 409, 409, 409],
        both_proofs,
    ),
    row("get_second_factor_policy", None, ADMINS, nothing),
    row(
        "set_second_factor_policy",
        None,
        ADMINS,
        |_| json!({ "required_for": [], "current_password": PASSWORD }),
    ),
    row("get_email_change", None, SIGNED_IN, nothing),
    row(
        "start_email_change",
        None,
        [401, 202, 202, 202, 202, 202],
        |_| json!({ "email": "new@example.org", "current_password": PASSWORD }),
    ),
    row("cancel_email_change", None, GONE, nothing),
    row("confirm_email_change", None, WRONG, a_code),
    row(
        "undo_email_change",
        None,
        [422; 6],
        |_| json!({ "token": "x" }),
    ),
    // An object is no picture.
    row("set_my_avatar", None, WRONG, empty),
    row("remove_my_avatar", None, GONE, nothing),
    row("get_avatar", Assigned, PARTIES, nothing),
    row("get_phone_proof", None, SIGNED_IN, nothing),
    // Text messages are not set up here.
    row(
        "prove_phone",
        None,
        [401, 409, 409, 409, 409, 409],
        |_| json!({ "phone": "+49 30 1234567" }),
    ),
    row("confirm_phone", None, WRONG, a_code),
    row("get_security_questions", None, SIGNED_IN, nothing),
    row(
        "set_security_questions",
        None,
        SIGNED_IN,
        |_| json!({ "current_password": PASSWORD, "items": [] }),
    ),
    row("get_my_export", None, SIGNED_IN, nothing),
    row(
        "start_my_export",
        None,
        [401, 202, 202, 202, 202, 202],
        |_| json!({ "current_password": PASSWORD }),
    ),
    // Not ready yet.
    row(
        "download_my_export",
        None,
        [401, 404, 404, 404, 404, 404],
        nothing,
    ),
    row("delete_my_export", None, GONE, nothing),
    row("get_my_deletion", None, SIGNED_IN, nothing),
    // The last admin stays; who has open tickets, too: `privacy::deletion`.
    row(
        "delete_my_account",
        None,
        [401, 202, 202, 202, 202, 409],
        |_| json!({ "current_password": PASSWORD }),
    ),
    row("keep_my_account", None, GONE, nothing),
    row("get_notification_choices", None, SIGNED_IN, nothing),
    row(
        "update_notification_choices",
        None,
        SIGNED_IN,
        |_| json!({ "choices": [] }),
    ),
];
