//! Lists and counts: what each person finds there, and that pages miss and repeat nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Person, TestApp};

async fn numbers(person: &Person, query: &str) -> Vec<String> {
    let page = person.get(&format!("/tickets{query}")).expect(200).await;
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| {
            t["number"]
                .as_str()
                .unwrap()
                .trim_start_matches("CCR-")
                .to_owned()
        })
        .collect()
}

#[tokio::test]
async fn everybody_lists_what_they_see() {
    let app = TestApp::start().await;
    let (ann, ada, cleo) = (app.customer("Ann"), app.customer("Ada"), app.admin("Cleo"));
    let (bob, ben) = (app.agent("Bob"), app.agent("Ben"));
    let first = ann.opens_a_ticket().await;
    let second = ada.opens_a_ticket().await;
    ann.opens_a_ticket().await;
    bob.takes(&first).await;
    ben.takes(&second).await;
    bob.says(&first, "Hello **Ann**").await;

    assert_eq!(numbers(&ann, "").await, ["1001", "1003"]);
    assert_eq!(numbers(&ada, "").await, ["1002"]);
    assert_eq!(numbers(&bob, "").await, ["1001", "1003"]);
    assert_eq!(numbers(&ben, "").await, ["1002", "1003"]);
    assert_eq!(numbers(&cleo, "").await, ["1001", "1002", "1003"]);
    app.anyone().get("/tickets").problem(401).await;

    assert_eq!(numbers(&bob, "?assignee=me").await, ["1001"]);
    assert_eq!(numbers(&bob, "?assignee=none").await, ["1003"]);
    assert_eq!(
        numbers(&bob, &format!("?assignee={}", ben.id)).await,
        [""; 0]
    );
    assert_eq!(
        numbers(&cleo, &format!("?assignee={}", ben.id)).await,
        ["1002"]
    );
    assert_eq!(numbers(&cleo, "?assignee=none").await, ["1003"]);
    assert_eq!(
        numbers(&cleo, &format!("?customer_id={}", ada.id)).await,
        ["1002"]
    );
    // A filter shows nothing that one does not see anyway.
    assert_eq!(
        numbers(&ann, &format!("?customer_id={}", ada.id)).await,
        [""; 0]
    );

    let seen = ann.get("/tickets").expect(200).await;
    assert_eq!(seen["items"][0]["last_message"]["excerpt"], "Hello Ann");
    assert_eq!(seen["items"][0]["assignee"]["name"], "Bob");
    assert_eq!(seen["items"][0]["unread"], true);
    assert_eq!(seen["items"][1]["unread"], false);
    let seen = cleo.get("/tickets").expect(200).await;
    for item in seen["items"].as_array().unwrap() {
        assert_eq!(item["last_message"], Value::Null);
        assert_eq!(item["unread"], false);
    }
}

#[tokio::test]
async fn filters_hold_together() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let service = json!({ "name": "Cards", "icon": "card" });
    let service = cleo.post("/services", service).expect(201).await;
    for kind in ["complaint", "question", "request", "question"] {
        let mut body = ann.new_ticket();
        body["kind"] = json!(kind);
        if kind == "request" {
            body["service_id"] = service["id"].clone();
        }
        let ticket = ann.post("/tickets", body).expect(201).await;
        let path = format!("/tickets/{}", ticket["number"].as_str().unwrap());
        bob.post(&format!("{path}/take"), json!({}))
            .expect(200)
            .await;
    }
    bob.post("/tickets/CCR-1002/status", json!({ "status": "pending" }))
        .expect(200)
        .await;
    bob.post("/tickets/CCR-1003/status", json!({ "status": "on_hold" }))
        .expect(200)
        .await;
    bob.patch("/tickets/CCR-1004", json!({ "priority": "urgent" }))
        .expect(200)
        .await;
    app.sql("UPDATE tickets SET created_at = '2026-01-15T12:00:00Z' WHERE number = 1001");

    for person in [&ann, &bob, &cleo] {
        assert_eq!(numbers(person, "?status=pending").await, ["1002"]);
        assert_eq!(
            numbers(person, "?status=pending,on_hold").await,
            ["1003", "1002"]
        );
        assert_eq!(numbers(person, "?kind=question").await, ["1004", "1002"]);
        assert_eq!(
            numbers(person, "?kind=question&status=open").await,
            ["1004"]
        );
        assert_eq!(numbers(person, "?priority=urgent").await, ["1004"]);
        let service = format!("?service_id={}", service["id"].as_str().unwrap());
        assert_eq!(numbers(person, &service).await, ["1003"]);
        assert_eq!(
            numbers(person, "?sort=created").await,
            ["1004", "1003", "1002", "1001"]
        );
        let old = "?created_from=2026-01-01T00:00:00Z&created_to=2026-02-01T00:00:00Z";
        assert_eq!(numbers(person, old).await, ["1001"]);
        assert_eq!(
            numbers(person, "?created_from=2026-02-01T00:00:00Z")
                .await
                .len(),
            3
        );
    }
}

#[tokio::test]
async fn pages_neither_miss_nor_repeat() {
    let app = TestApp::start().await;
    let (ann, ada, cleo) = (app.customer("Ann"), app.customer("Ada"), app.admin("Cleo"));
    let bob = app.agent("Bob");
    // Many share a time, so that the id has to decide.
    app.sql(&format!(
        "INSERT INTO tickets (id, kind, subject, description, customer_id, assignee_id, contact_name, contact_email, updated_at, created_at) \
         SELECT gen_random_uuid(), 'question', 'Number ' || n, 'x', '{}', CASE WHEN n % 3 = 0 THEN '{}'::uuid END, 'A', 'a@b.co', \
         now() - (n / 7) * interval '1 minute', now() - (n / 5) * interval '1 minute' FROM generate_series(1, 230) n",
        ann.id, bob.id
    ));
    for person in [&ann, &bob, &cleo] {
        for sort in ["updated", "created"] {
            for limit in [1, 7, 100] {
                let mut seen = Vec::new();
                let mut query = format!("?sort={sort}&limit={limit}");
                if limit == 1 {
                    query += "&q=Number 2";
                }
                let mut next = String::new();
                loop {
                    let page = person
                        .get(&format!("/tickets{query}{next}"))
                        .expect(200)
                        .await;
                    for item in page["items"].as_array().unwrap() {
                        let at = item[format!("{sort}_at")].as_str().unwrap().to_owned();
                        seen.push((at, item["id"].as_str().unwrap().to_owned()));
                    }
                    let Some(cursor) = page["next"].as_str() else {
                        break;
                    };
                    next = format!("&cursor={cursor}");
                }
                let distinct: BTreeSet<_> = seen.iter().collect();
                // 2, 20 to 29 and 200 to 230 begin with a 2.
                let all = if limit == 1 { 1 + 10 + 31 } else { 230 };
                assert_eq!(
                    (seen.len(), distinct.len()),
                    (all, all),
                    "{} {query}",
                    person.name
                );
                assert!(seen.is_sorted_by(|a, b| a >= b), "{} {query}", person.name);
            }
        }
    }
    assert_eq!(numbers(&ada, "?limit=100").await.len(), 0);
    // A cursor is a place, not a key: in another's list it shows only what they see.
    let page = cleo.get("/tickets?limit=5").expect(200).await;
    let stolen = format!("?cursor={}", page["next"].as_str().unwrap());
    assert_eq!(numbers(&ada, &stolen).await.len(), 0);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for (query, pointer, code) in [
        ("limit=0", "?limit", "out_of_range"),
        ("limit=-1", "?limit", "out_of_range"),
        ("limit=101", "?limit", "out_of_range"),
        ("limit=1000000000000", "?limit", "out_of_range"),
        ("limit=ten", "?limit", "malformed"),
        ("cursor=x", "?cursor", "malformed"),
        ("cursor=%27%3B--", "?cursor", "malformed"),
        ("status=done", "?status", "malformed"),
        ("status=open,done", "?status", "malformed"),
        ("kind=rant", "?kind", "malformed"),
        ("sort=description", "?sort", "malformed"),
        ("assignee=bob", "?assignee", "malformed"),
        ("assignee=", "?assignee", "malformed"),
        ("service_id=1", "?service_id", "malformed"),
        ("created_from=yesterday", "?created_from", "malformed"),
        ("password=1", "?password", "unknown"),
    ] {
        let problem = ann.get(&format!("/tickets?{query}")).problem(422).await;
        assert_eq!(problem.fields, [(pointer.into(), code.into())], "{query}");
    }
    let long = "a".repeat(201);
    let problem = ann.get(&format!("/tickets?q={long}")).problem(422).await;
    assert_eq!(problem.fields, [("?q".into(), "too_long".into())]);
    // Left empty is left out.
    ann.get("/tickets?q=&status=").expect(200).await;
}

#[tokio::test]
async fn counts_agree_with_the_lists() {
    let app = TestApp::start().await;
    let (ann, ada, cleo) = (app.customer("Ann"), app.customer("Ada"), app.admin("Cleo"));
    let (bob, ben) = (app.agent("Bob"), app.agent("Ben"));
    for (n, person) in [&ann, &ada, &ann, &ann, &ada, &ann].iter().enumerate() {
        let ticket = person.opens_a_ticket().await;
        match n {
            0 => drop(bob.takes(&ticket).await),
            1 => {
                ben.takes(&ticket).await;
                ben.moves(&ticket, "resolved").await;
            }
            2 => {
                bob.takes(&ticket).await;
                bob.moves(&ticket, "pending").await;
            }
            3 => drop(
                person
                    .post(&ticket.path("/withdraw"), json!({}))
                    .expect(200)
                    .await,
            ),
            _ => {}
        }
    }
    for person in [&ann, &ada, &bob, &ben, &cleo] {
        let counts = person.get("/tickets/counts").expect(200).await;
        for status in [
            "open",
            "pending",
            "on_hold",
            "resolved",
            "closed",
            "withdrawn",
        ] {
            let listed = numbers(person, &format!("?status={status}")).await.len();
            assert_eq!(counts[status], listed, "{} {status}", person.name);
        }
        let page = person.get("/tickets").expect(200).await;
        let unread = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|t| t["unread"] == true);
        assert_eq!(counts["unread"], unread.count(), "{}", person.name);
    }
    let count = async |person: &Person| {
        let counts = person.get("/tickets/counts").expect(200).await;
        [&counts["unassigned"], &counts["mine"], &counts["unread"]].map(|n| n.as_i64().unwrap())
    };
    assert_eq!(count(&ann).await, [0, 3, 2]);
    assert_eq!(count(&ada).await, [0, 1, 1]);
    assert_eq!(count(&bob).await, [2, 2, 0]);
    assert_eq!(count(&ben).await, [2, 0, 0]);
    assert_eq!(count(&cleo).await, [2, 0, 0]);
}

#[tokio::test]
async fn a_walk_among_writers_misses_and_repeats_nothing() {
    let app = TestApp::with([("CARE_WRITES_PER_MINUTE", "100000")]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    app.sql(&format!(
        "INSERT INTO tickets (id, kind, subject, description, customer_id, contact_name, contact_email, created_at) \
         SELECT gen_random_uuid(), 'question', 'Number ' || n, 'x', '{}', 'A', 'a@b.co', \
         now() - (n / 3) * interval '1 second' FROM generate_series(1, 300) n",
        ann.id
    ));
    let ids = |rows: Vec<Value>| -> BTreeSet<String> {
        let ids = rows.iter().map(|r| r["id"].as_str().unwrap().to_owned());
        ids.collect()
    };
    let all = ids(app.rows("SELECT id FROM tickets"));
    let walk = async {
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let path = format!("/tickets?sort=created&limit=10{next}");
            let page = cleo.get(&path).expect(200).await;
            seen.extend(page["items"].as_array().unwrap().clone());
            let Some(cursor) = page["next"].as_str() else {
                return seen;
            };
            next = format!("&cursor={cursor}");
        }
    };
    let writers = (0..60).map(|n| {
        let (ann, all) = (&ann, &all);
        async move {
            if n % 2 == 0 {
                ann.opens_a_ticket().await;
            } else {
                let id = all.iter().nth(n * 4).unwrap();
                let body = json!({ "body": "Any news?" });
                let path = format!("/tickets/{id}/messages");
                ann.post(&path, body).expect(201).await;
            }
        }
    });
    let (seen, _) = tokio::join!(walk, futures_util::future::join_all(writers));
    let count = seen.len();
    let seen = ids(seen);
    assert_eq!(seen.len(), count, "something came twice");
    assert!(all.is_subset(&seen), "something was missed");
}
