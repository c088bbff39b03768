//! A copy of everything about oneself, for oneself.

use std::io::{Cursor, Read as _};

use reqwest::Method;
use serde_json::{Value, json};

use super::with_password;
use crate::{
    auth::{UNHURRIED, last_mail, sign_in},
    harness::{Folder, PASSWORD, Person, TestApp, places},
};

const EXPORT: &str = "/me/export";
const ARCHIVE: &str = "/me/export/archive";

/// The files of the archive.
struct Archive(Vec<(String, Vec<u8>)>);

impl Archive {
    async fn of(person: &Person) -> Self {
        let answer = person.get(ARCHIVE).answered(200).await;
        assert_eq!(answer.header("content-type"), "application/zip");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment")
        );
        let mut zip = zip::ZipArchive::new(Cursor::new(answer.body)).unwrap();
        let files = (0..zip.len()).map(|n| {
            let mut file = zip.by_index(n).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        });
        Self(files.collect())
    }

    fn json(&self, name: &str) -> Value {
        let (_, bytes) = self.0.iter().find(|(n, _)| n == name).unwrap();
        serde_json::from_slice(bytes).unwrap()
    }

    fn text(&self) -> String {
        let texts = self
            .0
            .iter()
            .map(|(_, bytes)| String::from_utf8_lossy(bytes));
        texts.collect()
    }
}

async fn asks(app: &TestApp, person: &Person) -> Archive {
    let begun = person.post(EXPORT, with_password()).expect(202).await;
    assert_eq!(begun["export"]["state"], "preparing");
    assert_eq!(begun["export"]["size"], Value::Null);
    app.run_jobs();
    let state = person.get(EXPORT).expect(200).await;
    assert_eq!(state["export"]["state"], "ready");
    let size = person.get(ARCHIVE).answered(200).await.body.len();
    assert_eq!(state["export"]["size"], size);
    Archive::of(person).await
}

/// What the pages about sign-ins show, the copy holds, too.
#[tokio::test]
async fn a_copy_says_where_sign_ins_came_from() {
    let folder = Folder::new("places");
    let file = places::file(&folder);
    let proxy = ("CARE_TRUSTED_PROXIES", "127.0.0.1");
    let app = TestApp::with([UNHURRIED, proxy, ("CARE_PLACES", file.as_str())]).await;
    let ann = app.customer("Ann");
    sign_in(&app.anyone(), &ann.email, PASSWORD)
        .header("x-forwarded-for", places::LINKOPING)
        .expect(200)
        .await;
    let copy = asks(&app, &ann).await;
    for name in ["sign_ins.json", "sessions.json"] {
        let rows = copy.json(name);
        let rows = rows.as_array().unwrap().iter();
        let there: Vec<_> = rows.filter(|r| r["ip"] == places::LINKOPING).collect();
        assert_eq!(there.len(), 1, "{name}");
        assert_eq!(there[0]["place"], "Linköping, Sweden");
        assert_eq!(there[0]["method"], "password", "and the rest stays");
    }
}

#[tokio::test]
async fn a_copy_holds_everything_of_ones_own_and_nothing_of_others() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, ada, bob) = (app.customer("Ann"), app.customer("Ada"), app.agent("Bob"));
    sign_in(&app.anyone(), &ann.email, PASSWORD)
        .expect(200)
        .await;
    sign_in(&app.anyone(), &ann.email, "not this one")
        .problem(401)
        .await;
    let choice =
        json!({ "choices": [{ "topic": "receipts", "channel": "mail", "enabled": false }] });
    ann.patch("/me/notifications", choice).expect(200).await;
    let picture = image::DynamicImage::new_rgb8(4, 4);
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    let put = ann.call(Method::PUT, "/me/avatar").body(bytes.into_inner());
    put.expect(200).await;
    let ticket = bob.takes(&ann.opens_a_ticket().await).await;
    ann.says(&ticket, "WORDS-OF-ANN").await;
    bob.says(&ticket, "WORDS-OF-BOB").await;
    bob.moves(&ticket, "resolved").await;
    let rating = json!({ "outcome_rating": 5, "comment": "COMMENT-OF-ANN" });
    ann.put(&ticket.path("/feedback"), rating).expect(200).await;
    let other = bob.takes(&ada.opens_a_ticket().await).await;
    ada.says(&other, "WORDS-OF-ADA").await;

    let copy = asks(&app, &ann).await;
    assert_eq!(last_mail(&app, &ann.email).subject, "Your data is ready");
    let tickets = copy.json("tickets.json");
    assert_eq!(tickets[0]["number"], ticket.number);
    assert_eq!(
        tickets[0]["messages"][1]["body"], "WORDS-OF-BOB",
        "said to Ann"
    );
    assert_eq!(copy.json("profile.json")[0]["email"], ann.email);
    assert_eq!(copy.json("messages.json").as_array().unwrap().len(), 1);
    assert_eq!(copy.json("feedback.json")[0]["comment"], "COMMENT-OF-ANN");
    assert_eq!(copy.json("sign_ins.json").as_array().unwrap().len(), 2);
    assert_eq!(copy.json("notifications.json")[0]["enabled"], false);
    assert!(!copy.json("mails.json").as_array().unwrap().is_empty());
    assert!(!copy.json("activity.json").as_array().unwrap().is_empty());
    let (_, picture) = copy
        .0
        .iter()
        .find(|(name, _)| name == "avatar.jpg")
        .unwrap();
    assert!(picture.starts_with(&[0xff, 0xd8]));
    let text = copy.text();
    for (name, _) in &copy.0 {
        assert!(
            name == "README.txt" || text.contains(&format!("{name}: ")),
            "{name}"
        );
    }
    let hash = app.rows("SELECT password_hash AS h FROM users LIMIT 1")[0]["h"].clone();
    for others in [
        "WORDS-OF-ADA",
        &ada.email,
        &bob.email,
        hash.as_str().unwrap(),
        "salt",
    ] {
        assert!(!text.contains(others), "{others}");
    }
    // The agent's own: what he wrote, not what customers told him.
    let text = asks(&app, &bob).await.text();
    assert!(text.contains("WORDS-OF-BOB"));
    for others in ["WORDS-OF-ANN", "WORDS-OF-ADA", &ann.email, &ada.email] {
        assert!(!text.contains(others), "{others}");
    }
}

#[tokio::test]
async fn a_copy_is_ones_own_one_at_a_time_and_for_a_while() {
    let app = TestApp::start().await;
    let (ann, eve) = (app.customer("Ann"), app.customer("Eve"));
    assert_eq!(ann.get(EXPORT).expect(200).await["export"], Value::Null);
    ann.get(ARCHIVE).problem(404).await;
    // A stolen session alone gets nothing.
    for body in [json!({}), json!({ "current_password": "not this one" })] {
        ann.post(EXPORT, body).problem(422).await;
    }
    ann.post(EXPORT, with_password()).expect(202).await;
    ann.post(EXPORT, with_password()).problem(409).await;
    ann.get(ARCHIVE).problem(404).await;
    app.run_jobs();
    ann.get(ARCHIVE).answered(200).await;
    eve.get(ARCHIVE).problem(404).await;
    app.anyone().get(ARCHIVE).problem(401).await;
    // Nor is it left in the job, the mail or the trail.
    let told = last_mail(&app, &ann.email);
    assert!(told.text.contains("/account/data") && !told.text.contains("archive"));

    app.sql("UPDATE exports SET expires_at = now() - interval '1 second'");
    ann.get(ARCHIVE).problem(404).await;
    assert_eq!(ann.get(EXPORT).expect(200).await["export"], Value::Null);
    care::jobs::schedule::sweep(&app.app, &Value::Null).unwrap();
    assert!(app.rows("SELECT user_id FROM exports").is_empty());
    // Deleted at once, when its owner wants.
    asks(&app, &ann).await;
    ann.call(Method::DELETE, EXPORT).expect(204).await;
    ann.get(ARCHIVE).problem(404).await;
    // Work has an end.
    for _ in 0..2 {
        asks(&app, &ann).await;
    }
    ann.post(EXPORT, with_password()).expect(202).await;
    app.run_jobs();
    ann.post(EXPORT, with_password()).problem(429).await;
}

/// A job that comes late, or twice, answers the request it was made for.
#[tokio::test]
async fn a_job_of_an_earlier_request_changes_nothing() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    ann.post(EXPORT, with_password()).expect(202).await;
    let payload = app.rows("SELECT payload FROM jobs WHERE kind = 'export'")[0]["payload"].clone();
    app.run_jobs();
    ann.call(Method::DELETE, EXPORT).expect(204).await;
    ann.post(EXPORT, with_password()).expect(202).await;
    for _ in 0..2 {
        care::privacy::export(&app.app, &payload).unwrap();
    }
    assert_eq!(
        ann.get(EXPORT).expect(200).await["export"]["state"],
        "preparing"
    );
    care::privacy::give_up_export(&app.app, &payload).unwrap();
    assert_eq!(
        ann.get(EXPORT).expect(200).await["export"]["state"],
        "preparing"
    );
    app.run_jobs();
    assert_eq!(
        ann.get(EXPORT).expect(200).await["export"]["state"],
        "ready"
    );
    assert_eq!(app.mails_to(&ann.email).len(), 2, "one mail for each");
}
