//! Finding tickets by what people type.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Person, TestApp};

async fn find(person: &Person, typed: &str) -> Vec<String> {
    let query: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    let page = person.get(&format!("/tickets?q={query}")).expect(200).await;
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|t| t["subject"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn words_beginnings_and_numbers_find_tickets() {
    let app = TestApp::start().await;
    let (ann, ada, cleo) = (app.customer("Ann"), app.customer("Ada"), app.admin("Cleo"));
    for subject in [
        "Billing of my card",
        "Card was stolen",
        "கட்டணம் தவறானது",
        "Invoice 1002 is 100% wrong",
    ] {
        let mut body = ann.new_ticket();
        body["subject"] = json!(subject);
        ann.post("/tickets", body).expect(201).await;
    }
    for person in [&ann, &cleo] {
        assert_eq!(
            find(person, "card").await,
            ["Card was stolen", "Billing of my card"]
        );
        assert_eq!(find(person, "CARD bil").await, ["Billing of my card"]);
        assert_eq!(find(person, "stol").await, ["Card was stolen"]);
        assert_eq!(find(person, "கட்டணம்").await, ["கட்டணம் தவறானது"]);
        assert_eq!(find(person, "CCR-1001").await, ["Billing of my card"]);
        assert_eq!(find(person, "ccr-9999").await, [""; 0]);
        // A number alone is a ticket's number and a word.
        let found = find(person, "1002").await;
        assert_eq!(found, ["Invoice 1002 is 100% wrong", "Card was stolen"]);
    }
    assert_eq!(find(&ada, "card").await, [""; 0]);
    assert_eq!(find(&ada, "CCR-1001").await, [""; 0]);
}

#[tokio::test]
async fn what_is_typed_is_taken_literally() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let mut body = ann.new_ticket();
    body["subject"] = json!("It's 100% broken | really");
    ann.post("/tickets", body).expect(201).await;
    let started = Instant::now();
    for nothing in [
        "%",
        "_",
        "b*n",
        "broken | missing",
        "!missing",
        "x' OR 'a'='a",
        "(",
        "generate_series(1, 99999999)",
    ] {
        assert_eq!(find(&ann, nothing).await, [""; 0], "{nothing}");
    }
    for typed in [
        "It's",
        "100%",
        "broken",
        "broke",
        "really | broken",
        "\\broken",
        "'broken'",
        "broken:*",
        "really <-> broken",
    ] {
        assert_eq!(find(&ann, typed).await.len(), 1, "{typed}");
    }
    for typed in [
        "'",
        "\\",
        "\\'",
        ":*",
        "'':*",
        "a & & b",
        "&",
        "<->",
        ":",
        "\u{0}",
        "' ".repeat(90).as_str(),
    ] {
        find(&ann, typed).await;
    }
    assert!(started.elapsed() < Duration::from_secs(20));
}
