//! What must be true of every table, and that the code's picture of the database is the database.

use std::collections::BTreeMap;

use crate::harness::{Database, files, rows};
use serde_json::Value;

fn word<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_else(|| panic!("{row}"))
}

/// Table name → its columns, each `name -> Type`, as in the text of schema.rs.
fn tables_in_schema_rs() -> BTreeMap<String, Vec<String>> {
    let text = files::read("backend/src/db/schema.rs");
    let blocks = text.split("diesel::table! {").skip(1);
    let mut tables = BTreeMap::new();
    for block in blocks {
        let lines = block.lines().map(str::trim);
        let mut lines = lines.filter(|l| !l.is_empty() && !l.starts_with("use "));
        let head = lines.next().unwrap();
        let name = head.split(' ').next().unwrap().to_owned();
        let columns = lines.take_while(|l| *l != "}");
        let columns = columns.map(|l| l.trim_end_matches(',').to_owned());
        tables.insert(name, columns.collect());
    }
    tables
}

#[test]
fn schema_rs_equals_the_database() {
    let database = Database::new();
    let columns = rows(
        &mut database.connect(),
        "SELECT c.table_name::text, c.column_name::text, udt_name::text, is_nullable::text
         FROM information_schema.columns c
         JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_diesel%'
         ORDER BY table_name, ordinal_position",
    );
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    for column in &columns {
        let udt = word(column, "udt_name");
        let kind = |udt: &str| udt[..1].to_uppercase() + &udt[1..];
        let kind = match udt.strip_prefix('_') {
            Some(element) => format!("Array<Nullable<{}>>", kind(element)),
            None => kind(udt),
        };
        let kind = match word(column, "is_nullable") {
            "YES" => format!("Nullable<{kind}>"),
            _ => kind,
        };
        let line = format!("{} -> {kind}", word(column, "column_name"));
        let table = tables.entry(word(column, "table_name").into());
        table.or_default().push(line);
    }
    assert_eq!(tables_in_schema_rs(), tables);
}

/// A reference without a foreign key goes stale; without an index it makes every deletion and every list a full scan.
#[test]
fn every_id_column_has_a_foreign_key_and_an_index() {
    let database = Database::new();
    let bare = rows(
        &mut database.connect(),
        "SELECT a.attrelid::regclass::text || '.' || a.attname AS name,
                EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = a.attrelid
                        AND a.attnum = ANY (k.conkey)) AS has_key,
                EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum
                        AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = '(' || a.attname || ' IS NOT NULL)'))
                        AS has_index
         FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
         WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
           AND a.attname LIKE '%\\_id' AND a.atttypid <> 'text'::regtype",
    );
    assert!(!bare.is_empty());
    let bare: Vec<_> = bare
        .iter()
        .filter(|c| c["has_key"] != true || c["has_index"] != true)
        .collect();
    assert!(bare.is_empty(), "{bare:#?}");
}

#[test]
fn every_time_has_a_zone() {
    let database = Database::new();
    let bad = rows(
        &mut database.connect(),
        "SELECT table_name || '.' || column_name AS name, data_type::text FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
           AND (data_type IN ('timestamp without time zone', 'time without time zone')
                OR (column_name LIKE '%\\_at' AND data_type <> 'timestamp with time zone'))",
    );
    assert!(bad.is_empty(), "{bad:#?}");
}

/// `text_enum!` definitions in the source: name → values, sorted.
fn enums() -> BTreeMap<String, Vec<String>> {
    let mut enums = BTreeMap::new();
    for file in files::rust("backend/src") {
        for block in file.text.split("text_enum! {").skip(1) {
            let (head, body) = block
                .split_once(" enum ")
                .map(|(_, b)| b.split_once('{').unwrap())
                .unwrap();
            let body = body.split('}').next().unwrap();
            let code = body.lines().filter(|l| !l.trim().starts_with("//"));
            let code = code.collect::<String>();
            let mut values: Vec<_> = code
                .split('"')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect();
            values.sort();
            let taken = enums.insert(head.trim().to_owned(), values);
            assert!(taken.is_none(), "two enums are called {head}");
        }
    }
    enums
}

/// Only SQL reads and writes these.
const SQL_ONLY: &[&str] = &["jobs.state", "mails.state", "texts.state"];

/// Which enum stands for which column. Every other column with a closed list of values must be here.
const COLUMNS: &[(&str, &str)] = &[
    ("exports.state", "ExportState"),
    ("messages.side", "Side"),
    ("moves.kind", "MoveKind"),
    ("notification_choices.topic", "Topic"),
    ("one_time_codes.purpose", "Purpose"),
    ("services.icon", "Icon"),
    ("second_factor_roles.role", "Role"),
    ("sessions.method", "SignInMethod"),
    ("sessions.revoked_reason", "Ended"),
    ("sign_in_challenges.method", "SignInMethod"),
    ("sign_ins.method", "SignInMethod"),
    ("sign_ins.outcome", "SignInOutcome"),
    ("tickets.contact_channel", "Channel"),
    ("tickets.kind", "Kind"),
    ("tickets.last_message_side", "Side"),
    ("tickets.priority", "Priority"),
    ("tickets.status", "Status"),
    ("users.locale", "Locale"),
    ("users.role", "Role"),
];

#[test]
fn enums_equal_the_lists_in_the_database() {
    let database = Database::new();
    let checks = rows(
        &mut database.connect(),
        "SELECT k.conrelid::regclass::text || '.' || a.attname AS name, pg_get_constraintdef(k.oid) AS definition
         FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
         WHERE k.contype = 'c' AND array_length(k.conkey, 1) = 1
           AND pg_get_constraintdef(k.oid) LIKE '%= ANY (ARRAY[%'",
    );
    let lists: BTreeMap<&str, Vec<String>> = checks
        .iter()
        .map(|c| {
            let quoted = word(c, "definition").split('\'').skip(1).step_by(2);
            let mut values: Vec<_> = quoted.map(str::to_owned).collect();
            values.sort();
            (word(c, "name"), values)
        })
        .collect();
    let enums = enums();
    let mut wrong = Vec::new();
    for (column, values) in &lists {
        match COLUMNS.iter().find(|(name, _)| name == column) {
            None if SQL_ONLY.contains(column) => {}
            None => wrong.push(format!("{column} {values:?} has no enum")),
            Some((_, name)) if enums.get(*name) != Some(values) => {
                wrong.push(format!(
                    "{column}: {values:?} but {name} is {:?}",
                    enums.get(*name)
                ));
            }
            Some(_) => {}
        }
    }
    for (column, _) in COLUMNS.iter().filter(|(c, _)| !lists.contains_key(c)) {
        wrong.push(format!("{column} has no list in the database"));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
