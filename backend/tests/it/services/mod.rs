//! The catalogue.

use serde_json::{Value, json};

use crate::harness::TestApp;

fn names(catalogue: &Value) -> Vec<&str> {
    let items = catalogue["items"].as_array().unwrap().iter();
    items.map(|s| s["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_admin_keeps_it_and_anyone_browses_it() {
    let app = TestApp::start().await;
    let (cleo, nobody) = (app.admin("Cleo"), app.anyone());
    let mut ids = Vec::new();
    for name in ["Cards", "Loans", "Transfers"] {
        let body = json!({ "name": name, "description": "What it is.", "icon": "card" });
        let answer = cleo.post("/services", body).answered(201).await;
        assert_eq!(answer.header("etag"), "\"1\"");
        ids.push(answer.json()["id"].clone());
    }
    let seen = nobody.get("/services").expect(200).await;
    assert_eq!(names(&seen), ["Cards", "Loans", "Transfers"]);

    let body = json!({ "ids": [ids[2], ids[0], ids[1]] });
    let seen = cleo.put("/services/order", body).expect(200).await;
    assert_eq!(names(&seen), ["Transfers", "Cards", "Loans"]);
    assert_eq!(nobody.get("/services").expect(200).await, seen);

    let path = format!("/services/{}", ids[0].as_str().unwrap());
    let answer = nobody.get(&path).answered(200).await;
    let version = answer.json()["version"].as_i64().unwrap();
    assert_eq!(answer.header("etag"), format!("\"{version}\""));
    let changed = cleo.patch(&path, json!({ "name": "Card payments", "icon": "billing" }));
    let changed = changed.if_match(version).expect(200).await;
    assert_eq!(
        (&changed["name"], &changed["icon"]),
        (&json!("Card payments"), &json!("billing"))
    );
    assert_eq!(changed["description"], "What it is.");
    cleo.patch(&path, json!({ "name": "Late" }))
        .if_match(version)
        .problem(412)
        .await;

    let events = app.rows("SELECT kind, to_everyone FROM events WHERE kind LIKE 'service.%'");
    assert_eq!(events.len(), 5);
    assert!(events.iter().all(|e| e["to_everyone"] == true));
}

#[tokio::test]
async fn a_retired_service_is_out_of_sight() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let body = json!({ "name": "Cards", "icon": "card" });
    let first = cleo.post("/services", body.clone()).expect(201).await;
    let path = format!("/services/{}", first["id"].as_str().unwrap());
    let retired = cleo
        .patch(&path, json!({ "retired": true }))
        .expect(200)
        .await;
    assert_ne!(retired["retired_at"], Value::Null);
    assert_eq!(names(&ann.get("/services").expect(200).await), [""; 0]);
    // Old tickets still show it.
    assert_eq!(app.anyone().get(&path).expect(200).await, retired);

    let all = "/services?include=retired";
    assert_eq!(names(&cleo.get(all).expect(200).await), ["Cards"]);
    ann.get(all).problem(403).await;
    bob.get(all).problem(403).await;
    app.anyone().get(all).problem(401).await;

    // Its name is free again; coming back needs one that is.
    cleo.post("/services", body).expect(201).await;
    let problem = cleo
        .patch(&path, json!({ "retired": false }))
        .problem(409)
        .await;
    assert_eq!(problem.fields, [("/name".into(), "taken".into())]);
    let back = json!({ "retired": false, "name": "Old cards" });
    let back = cleo.patch(&path, back).expect(200).await;
    assert_eq!(back["retired_at"], Value::Null);
    let seen = ann.get("/services").expect(200).await;
    assert_eq!(names(&seen), ["Cards", "Old cards"]);
}

#[tokio::test]
async fn mistakes_are_told() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    let body = json!({ "name": "Cards", "icon": "card" });
    let cards = cleo
        .post("/services", body.clone())
        .key("k")
        .expect(201)
        .await;
    assert_eq!(
        cleo.post("/services", body).key("k").expect(201).await,
        cards
    );
    for (body, pointer, code) in [
        (json!({ "name": " ", "icon": "card" }), "/name", "required"),
        (
            json!({ "name": "x".repeat(121), "icon": "card" }),
            "/name",
            "too_long",
        ),
        (
            json!({ "name": "X", "icon": "rocket" }),
            "/icon",
            "malformed",
        ),
        (
            json!({ "name": "X", "icon": "card", "position": 1 }),
            "/position",
            "unknown",
        ),
    ] {
        let problem = cleo.post("/services", body).problem(422).await;
        assert_eq!(problem.fields, [(pointer.into(), code.into())]);
    }
    let body = json!({ "name": "CARDS", "icon": "card" });
    let problem = cleo.post("/services", body).problem(409).await;
    assert_eq!(problem.fields, [("/name".into(), "taken".into())]);

    let stranger = "019c7a54-c7f0-7d10-8f3e-2b1a5c9d4e6f";
    for ids in [
        json!([]),
        json!([stranger]),
        json!([cards["id"], cards["id"]]),
        json!([cards["id"], stranger]),
    ] {
        let problem = cleo
            .put("/services/order", json!({ "ids": ids }))
            .problem(422)
            .await;
        assert_eq!(problem.fields, [("/ids".into(), "mismatch".into())]);
    }
    cleo.patch(&format!("/services/{stranger}"), json!({}))
        .problem(404)
        .await;
    app.anyone()
        .get(&format!("/services/{stranger}"))
        .problem(404)
        .await;
    app.anyone().get("/services/1").problem(404).await;
}

#[tokio::test]
async fn the_catalogue_fits_in_one_answer() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    app.sql(
        "INSERT INTO services (id, name, position) SELECT gen_random_uuid(), 'Service ' || n, n FROM generate_series(1, 200) n",
    );
    assert_eq!(names(&cleo.get("/services").expect(200).await).len(), 200);
    let body = json!({ "name": "One more", "icon": "other" });
    cleo.post("/services", body).problem(409).await;
}
