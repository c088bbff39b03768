//! Customers, for admins.

use serde_json::{Value, json};

use crate::harness::{Person, TestApp};

async fn names(cleo: &Person, query: &str) -> Vec<String> {
    let page = cleo.get(&format!("/customers?{query}")).expect(200).await;
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|c| c["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_admin_sees_what_customers_raised_and_were_sent() {
    let app = TestApp::start().await;
    let (ann, bea, bob, cleo) = (
        app.customer("Ann"),
        app.customer("Bea"),
        app.agent("Bob"),
        app.admin("Cleo"),
    );
    for _ in 0..2 {
        ann.opens_a_ticket().await;
    }
    let ticket = ann.opens_a_ticket().await;
    cleo.assigns(&ticket, &bob).await;
    bob.moves(&ticket, "resolved").await;
    let sent = app.mails_to("ann@example.org").len();
    assert!(sent > 0);
    let row = cleo
        .get(&format!("/customers/{}", ann.id))
        .expect(200)
        .await;
    assert_eq!(row["tickets_raised"], 3);
    assert_eq!(row["tickets_resolved"], 1);
    assert_eq!(row["notifications_sent"], sent);
    assert_eq!(row["email"], "ann@example.org");
    let page = cleo.get("/customers").expect(200).await;
    assert_eq!(page["items"][1], row);
    let quiet = &page["items"][0];
    assert_eq!(quiet["id"], bea.id.to_string());
    assert_eq!(quiet["tickets_raised"], 0);
    assert_eq!(page["next"], Value::Null);
}

#[tokio::test]
async fn pages_hold_everyone_once_newest_first() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    let all: Vec<String> = (0..7)
        .map(|n| app.customer(&format!("Customer {n}")).name)
        .collect();
    // Some at the same instant: the id decides.
    app.sql("UPDATE users SET created_at = now() WHERE role = 'customer' AND name < 'Customer 4'");
    let (mut seen, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        let page = cleo.get(&format!("/customers?{query}")).expect(200).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|c| c["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        query = format!("limit=3&cursor={next}");
    }
    let mut sorted = seen.clone();
    sorted.sort();
    assert_eq!(sorted, all);
    assert_eq!(seen[0], "Customer 3", "the newest of the latest instant");
}

#[tokio::test]
async fn search_takes_beginnings_literally() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    for name in ["Ann Kovalenko", "Annabel Lee", "Bea 100% Sure", "Kim A_B"] {
        app.customer(name);
    }
    app.agent("Anders");
    for (q, found) in [
        ("ann", vec!["Annabel Lee", "Ann Kovalenko"]),
        ("ANN.K", vec!["Ann Kovalenko"]),
        ("kova", vec!["Ann Kovalenko"]),
        ("100%25", vec!["Bea 100% Sure"]),
        ("%25", vec![]),
        ("_", vec![]),
        ("a_b", vec!["Kim A_B"]),
        ("%5C", vec![]),
        ("'%20OR%201=1--", vec![]),
        ("ovalenko", vec![]),
    ] {
        assert_eq!(names(&cleo, &format!("q={q}")).await, found, "{q}");
    }
    assert_eq!(names(&cleo, "q=").await.len(), 4, "blank is no search");
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    for (query, pointer) in [
        ("limit=0", "?limit"),
        ("limit=101", "?limit"),
        ("limit=-1", "?limit"),
        ("limit=all", "?limit"),
        ("cursor=x", "?cursor"),
        ("sort=password_hash", "?sort"),
    ] {
        let problem = cleo.get(&format!("/customers?{query}")).problem(422).await;
        assert_eq!(problem.fields[0].0, pointer);
    }
    // As the description counts, also where what is kept would be shorter.
    for long in ["x".repeat(201), format!("{}%1F", "x".repeat(200))] {
        cleo.get(&format!("/customers?q={long}")).problem(422).await;
    }
}

/// An id of another kind of person is no customer.
#[tokio::test]
async fn only_customers_are_customers() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    for id in [
        bob.id.to_string(),
        cleo.id.to_string(),
        uuid::Uuid::now_v7().to_string(),
        "x".into(),
    ] {
        cleo.get(&format!("/customers/{id}")).problem(404).await;
    }
    for id in [ann.id, cleo.id] {
        let path = format!("/agents/{id}");
        cleo.patch(&path, json!({ "disabled": true }))
            .problem(404)
            .await;
        cleo.post(&format!("{path}/invitation"), json!({}))
            .problem(404)
            .await;
    }
    ann.get("/me").expect(200).await;
}
