//! Linking and unlinking in one's own account.

use super::{
    Browser, app_with,
    double::{Double, Manner},
    leads_to,
};
use crate::{
    auth::{digits, last_mail},
    harness::{PASSWORD, Person, TestApp},
};
use serde_json::json;

async fn app(double: &Double) -> TestApp {
    app_with(&[("google", &double.issuer)], &[]).await
}

async fn links(person: &Person, double: &Double, subject: &str) -> u16 {
    let mut browser = Browser::of(person);
    let page = leads_to(&browser.starts_linking("google", Some(PASSWORD)).await);
    let back = double.visit(&page, subject);
    browser.finishes_linking("google", &back).await.status
}

async fn signs_in(app: &TestApp, double: &Double, subject: &str) -> u16 {
    let mut browser = Browser::new(app);
    let back = double.visit(&browser.starts("google").await, subject);
    browser.finishes("google", &back).await.status
}

/// The path of the person's only identity.
async fn identity(person: &Person) -> String {
    let linked = person.get("/me/identities").expect(200).await;
    let items = linked["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{linked}");
    format!("/me/identities/{}", items[0]["id"].as_str().unwrap())
}

fn delete<'a>(person: &'a Person, path: &str) -> crate::harness::Call<'a> {
    person.call(reqwest::Method::DELETE, path)
}

#[tokio::test]
async fn a_linked_identity_signs_in_until_it_is_unlinked() {
    let double = Double::start();
    let app = app(&double).await;
    let ann = app.customer("Ann");
    // Whatever address the provider names: the person is signed in on both sides.
    assert_eq!(links(&ann, &double, "annie").await, 204);
    let mail = last_mail(&app, &ann.email);
    assert_eq!(mail.subject, "You can now sign in with Google");
    assert_eq!(signs_in(&app, &double, "annie").await, 200);

    delete(&ann, &identity(&ann).await).expect(204).await;
    let mail = last_mail(&app, &ann.email);
    assert_eq!(mail.subject, "Google no longer signs you in");
    assert_eq!(signs_in(&app, &double, "annie").await, 202);
}

/// A stolen session alone must not add a way in that outlives it.
#[tokio::test]
async fn linking_asks_for_the_password_again() {
    let double = Double::start();
    let more = [("CARE_SIGN_IN_ATTEMPTS", "3")];
    let app = app_with(&[("google", &double.issuer)], &more).await;
    let mut browser = Browser::of(&app.customer("Ann"));
    for password in [None, Some(""), Some("not this one")] {
        let answer = browser.starts_linking("google", password).await;
        assert_eq!(answer.status, 422, "{password:?}");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/current_password");
    }
    let answer = browser.starts_linking("google", Some(PASSWORD)).await;
    assert_eq!(answer.status, 429, "guessing has an end");
}

#[tokio::test]
async fn an_identity_belongs_to_one_account() {
    let double = Double::start();
    let app = app(&double).await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    assert_eq!(links(&ann, &double, "x").await, 204);
    assert_eq!(links(&bea, &double, "x").await, 409, "another's");
    assert_eq!(links(&ann, &double, "x").await, 409, "again");
    assert_eq!(links(&ann, &double, "y").await, 409, "a second");
    // Somebody else's is not there.
    let path = identity(&ann).await;
    delete(&bea, &path).problem(404).await;
    identity(&ann).await;
}

/// A trip to link ends in the account that began it; one to sign in links nothing.
#[tokio::test]
async fn a_trip_serves_the_purpose_it_began_with() {
    let double = Double::start();
    let app = app(&double).await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    let mut anns = Browser::of(&ann);
    let page = leads_to(&anns.starts_linking("google", Some(PASSWORD)).await);
    let back = double.visit(&page, "x");

    let mut beas = Browser::of(&bea);
    beas.cookie.clone_from(&anns.cookie);
    let answer = beas.finishes_linking("google", &back).await;
    assert_eq!(answer.status, 422, "another account");
    assert_eq!(
        anns.finishes("google", &back).await.status,
        422,
        "to sign in"
    );
    // None of this used it up.
    assert_eq!(anns.finishes_linking("google", &back).await.status, 204);

    let mut other = Browser::of(&bea);
    let back = double.visit(&other.starts("google").await, "z");
    let answer = other.finishes_linking("google", &back).await;
    assert_eq!(answer.status, 422, "begun to sign in");
    assert_eq!(app.rows("SELECT id FROM identities").len(), 1);
}

#[tokio::test]
async fn the_last_way_in_is_never_unlinked() {
    let google = Double::start();
    let acme = Double::start();
    let providers = [("google", google.issuer.as_str()), ("acme", &acme.issuer)];
    let app = app_with(&providers, &[]).await;
    let ann = app.customer("Ann");
    assert_eq!(links(&ann, &google, "ann").await, 204);
    app.sql("UPDATE users SET password_hash = NULL");
    let last = identity(&ann).await;
    delete(&ann, &last).problem(409).await;
    assert_eq!(signs_in(&app, &google, "ann").await, 200);

    // One of a provider that is not configured any more is no way in.
    app.sql(
        "INSERT INTO identities (id, user_id, provider, issuer, subject)
         SELECT gen_random_uuid(), user_id, 'gone', 'https://gone.test', 'x' FROM identities",
    );
    delete(&ann, &last).problem(409).await;
    app.sql("DELETE FROM identities WHERE provider = 'gone'");

    // Of two, both at once: one stays.
    let mut browser = Browser::of(&ann);
    let page = leads_to(&browser.starts_linking("acme", None).await);
    let back = acme.visit(&page, "ann");
    assert_eq!(browser.finishes_linking("acme", &back).await.status, 204);
    let both = ann.get("/me/identities").expect(200).await;
    let [one, other] = [0, 1].map(|n| {
        let id = both["items"][n]["id"].as_str().unwrap().to_owned();
        format!("/me/identities/{id}")
    });
    let (one, other) = tokio::join!(delete(&ann, &one).send(), delete(&ann, &other).send());
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    identity(&ann).await;
}

/// Canary: what the way there and back is tied with opens nothing afterwards and is written down nowhere.
#[tokio::test]
async fn no_secret_of_the_way_is_stored() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = Browser::new(&app);
    let page = browser.starts("google").await;
    let back = double.visit(&page, "asha");
    assert_eq!(browser.finishes("google", &back).await.status, 202);
    let waiting = all_rows(&app);
    let code = digits(&last_mail(&app, "asha@example.org"));
    assert_eq!(browser.proves(&code).await.status, 200);
    let after = all_rows(&app);

    let mut secrets = vec![browser.cookie.split_once('=').unwrap().1.to_owned(), code];
    let words = ["state", "nonce", "code_challenge"];
    secrets.extend(words.map(|name| super::query(&page, name).unwrap()));
    secrets.push(back.0["code"].as_str().unwrap().to_owned());
    secrets.extend(double.tokens());
    secrets.push("at-9d1f".into());
    for rows in [waiting, after] {
        assert!(
            rows.contains("asha@example.org"),
            "the test can find things"
        );
        for secret in &secrets {
            assert!(secret.len() >= 6 && !rows.contains(secret), "{secret}");
        }
    }
    assert!(app.rows("SELECT id FROM provider_trips").is_empty());
    // B02: what the provider signs for us is no key of ours.
    for token in double.tokens() {
        let call = app
            .api
            .call(reqwest::Method::GET, "/api/v1/me", Some(&token));
        call.problem(401).await;
    }
}

/// Every row of every table, as text.
fn all_rows(app: &TestApp) -> String {
    let tables = app.rows("SELECT relname AS name FROM pg_stat_user_tables");
    let mut all = String::new();
    for table in tables {
        let name = table["name"].as_str().unwrap();
        all += &json!(app.rows(&format!("SELECT * FROM {name}"))).to_string();
    }
    all
}

/// Its ways: the secret in the body, no PKCE, no nonce, and claims of unusual types (parts the strict would refuse).
#[tokio::test]
async fn linkedins_ways_are_known() {
    let double = Double::start();
    double.behaves(Manner {
        linkedin: true,
        ..Manner::default()
    });
    let app = app_with(&[("linkedin", &double.issuer)], &[]).await;
    let mut browser = Browser::new(&app);
    let back = double.visit(&browser.starts("linkedin").await, "asha");
    let answer = browser.finishes("linkedin", &back).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let session = browser
        .proves(&digits(&last_mail(&app, "asha@example.org")))
        .await;
    assert_eq!(session.status, 200, "{}", session.text());
}
