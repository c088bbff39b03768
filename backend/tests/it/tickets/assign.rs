//! Who owns a ticket.

use serde_json::{Value, json};

use crate::harness::TestApp;

#[tokio::test]
async fn an_admin_gives_and_takes_away() {
    let app = TestApp::start().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let (bob, ben) = (app.agent("Bob"), app.agent("Ben"));
    let ticket = ann.opens_a_ticket().await;
    let body = json!({ "assignee_id": bob.id, "note": "You know her." });
    let given = cleo.post(&ticket.path("/assign"), body).expect(200).await;
    assert_eq!(given["assignee"]["name"], "Bob");
    ben.get(&ticket.path("")).problem(404).await;

    // To whom it belongs already: nothing happens.
    let again = cleo.assigns(&ticket, &bob).await;
    assert_eq!(again.json["version"], given["version"]);

    cleo.assigns(&ticket, &ben).await;
    bob.get(&ticket.path("")).problem(404).await;
    bob.post(&ticket.path("/messages"), json!({ "body": "Still me?" }))
        .problem(404)
        .await;
    let free = cleo
        .post(&ticket.path("/assign"), json!({ "assignee_id": null }))
        .expect(200)
        .await;
    assert_eq!(free["assignee"], Value::Null);
    bob.sees(&ticket).await;

    let entries = |timeline: Value| timeline["items"].as_array().unwrap()[1..].to_vec();
    let seen = entries(cleo.get(&ticket.path("/timeline")).expect(200).await);
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0]["from"], Value::Null);
    assert_eq!(seen[0]["to"]["name"], "Bob");
    assert_eq!(seen[0]["note"], "You know her.");
    assert_eq!(seen[1]["from"]["name"], "Bob");
    assert_eq!(seen[2]["to"], Value::Null);
    // A note between staff is not for the customer.
    let seen = entries(ann.get(&ticket.path("/timeline")).expect(200).await);
    assert_eq!(seen[0]["note"], Value::Null);

    let events = app
        .rows("SELECT to_agents, audience FROM events WHERE kind = 'ticket.assigned' ORDER BY id");
    assert_eq!(
        events,
        [
            json!({ "to_agents": true, "audience": [ann.id, bob.id] }),
            json!({ "to_agents": false, "audience": [ann.id, ben.id, bob.id] }),
            json!({ "to_agents": true, "audience": [ann.id, ben.id] }),
        ]
    );
}

#[tokio::test]
async fn only_active_agents_get_tickets() {
    let app = TestApp::start().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let (gone, invited) = (app.agent("Gone"), app.agent("Invited"));
    app.sql(&format!(
        "UPDATE users SET disabled_at = now() WHERE id = '{}'",
        gone.id
    ));
    app.sql(&format!(
        "UPDATE users SET email_confirmed_at = NULL WHERE id = '{}'",
        invited.id
    ));
    let ticket = ann.opens_a_ticket().await;
    for id in [
        ann.id,
        cleo.id,
        gone.id,
        invited.id,
        care::db::ids::UserId::new(),
    ] {
        let body = json!({ "assignee_id": id });
        let problem = cleo.post(&ticket.path("/assign"), body).problem(422).await;
        assert_eq!(
            problem.fields,
            [("/assignee_id".into(), "not_allowed".into())]
        );
    }
    let problem = cleo
        .post(&ticket.path("/assign"), json!({}))
        .problem(422)
        .await;
    assert_eq!(problem.fields, [("/assignee_id".into(), "required".into())]);
    assert_eq!(cleo.sees(&ticket).await.version, 1);
}

#[tokio::test]
async fn only_admins_assign_and_only_agents_take() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    let body = json!({ "assignee_id": bob.id });
    for person in [&ann, &bob] {
        person
            .post(&ticket.path("/assign"), body.clone())
            .problem(403)
            .await;
    }
    for person in [&ann, &cleo] {
        person
            .post(&ticket.path("/take"), json!({}))
            .problem(403)
            .await;
    }
}

#[tokio::test]
async fn one_agent_gets_it() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let agents: Vec<_> = (0..6).map(|n| app.agent(&format!("Agent {n}"))).collect();
    for _ in 0..5 {
        let ticket = ann.opens_a_ticket().await;
        let path = ticket.path("/take");
        let takes = agents
            .iter()
            .map(|agent| agent.post(&path, json!({})).send());
        let answers = futures_util::future::join_all(takes).await;
        let mut statuses: Vec<_> = answers.iter().map(|a| a.status).collect();
        let winner = statuses.iter().position(|s| *s == 200).unwrap();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404, 404, 404, 404, 404]);
        let now = ann.sees(&ticket).await;
        assert_eq!(now.json["assignee"]["name"], format!("Agent {winner}"));
        assert_eq!(now.version, 2);
        // Taking what one has changes nothing.
        assert_eq!(agents[winner].takes(&ticket).await.version, 2);
    }
}

#[tokio::test]
async fn a_finished_ticket_is_not_given_away() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    ann.post(&ticket.path("/withdraw"), json!({}))
        .expect(200)
        .await;
    let body = json!({ "assignee_id": bob.id });
    let problem = cleo.post(&ticket.path("/assign"), body).problem(409).await;
    assert_eq!(problem.code, "illegal_move");
    let problem = bob
        .post(&ticket.path("/take"), json!({}))
        .problem(409)
        .await;
    assert_eq!(problem.code, "illegal_move");
}
