//! Mails are in the language of who reads them.

use serde_json::json;

use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, forgot, last_mail, registration, sign_in},
    harness::{Call, PASSWORD, Person, TestApp},
};

const ANN: &str = "ann@example.org";
const CONFIRM: &str = "உங்கள் மின்னஞ்சல் முகவரியை உறுதிப்படுத்தவும்";

fn registers<'a>(anyone: &'a Person, email: &str, locale: Option<&str>) -> Call<'a> {
    let mut body = registration(email, NEW);
    body["locale"] = json!(locale);
    anyone.post("/auth/register", body)
}

/// Who has no account yet is written to in the language of the form, or else of the request.
#[tokio::test]
async fn a_registration_says_which_language() {
    let app = TestApp::with([UNHURRIED]).await;
    let anyone = app.anyone();
    let tamil = "ta-IN, en;q=0.5";
    for (email, chosen, asked_for, subject) in [
        ("a@example.org", Some("ta"), "en", CONFIRM),
        ("b@example.org", None, tamil, CONFIRM),
        (
            "c@example.org",
            Some("en"),
            tamil,
            "Confirm your email address",
        ),
        ("d@example.org", None, "de", "Confirm your email address"),
    ] {
        registers(&anyone, email, chosen)
            .header("accept-language", asked_for)
            .expect(202)
            .await;
        assert_eq!(last_mail(&app, email).subject, subject, "{email}");
    }
    let mail = last_mail(&app, "a@example.org");
    assert!(mail.html.contains("<html lang=\"ta\""), "{}", mail.html);
    assert!(mail.wire.contains("=?utf-8?"), "{}", mail.wire);
}

/// From then on the profile decides, whatever the browser of somebody else says.
#[tokio::test]
async fn the_profile_says_which_language() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    let tamil = json!({ "locale": "ta" });
    ann.patch("/me", tamil).if_match(1).expect(200).await;
    let anyone = app.anyone();
    let forgotten = json!({ "email": ANN });
    anyone
        .post("/auth/forgot-password", forgotten)
        .header("accept-language", "en")
        .expect(202)
        .await;
    let subject = "புதிய கடவுச்சொல்லுக்கான உங்கள் குறியீடு";
    assert_eq!(last_mail(&app, ANN).subject, subject);
    // Dates and devices, too.
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let new = sign_in(&anyone, ANN, PASSWORD).header("user-agent", firefox);
    new.expect(200).await;
    let mail = last_mail(&app, ANN);
    assert_eq!(mail.subject, "உங்கள் கணக்கில் புதிய உள்நுழைவு");
    assert!(mail.text.contains("Linux இல் Firefox"), "{}", mail.text);
    let password = json!({ "current_password": PASSWORD });
    ann.post("/me/deletion", password).expect(202).await;
    let due = app.rows("SELECT extract(year FROM deletion_due_at)::int AS year FROM users");
    let mail = last_mail(&app, ANN);
    assert_eq!(mail.subject, "உங்கள் கணக்கு நீக்கப்படும்");
    let date = format!(" {} அன்று", due[0]["year"]);
    let line = mail.text.replace('\n', " ");
    assert!(line.contains(&date), "{line}");
    // Asking for the deletion was a change of the person, too.
    let english = json!({ "locale": "en" });
    ann.patch("/me", english).if_match(3).expect(200).await;
    let subject = "Your code for a new password";
    assert_eq!(forgot(&app, ANN).await.subject, subject);
}

/// Of one ticket, each side reads in its own language.
#[tokio::test]
async fn each_side_of_a_ticket_has_its_own() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, ravi, ada) = (app.customer("Ann"), app.agent("Ravi"), app.admin("Ada"));
    let tamil = json!({ "locale": "ta" });
    ann.patch("/me", tamil).if_match(1).expect(200).await;
    let ticket = ann.opens_a_ticket().await;
    app.run_jobs();
    let receipt = last_mail(&app, ANN);
    assert!(
        receipt.subject.contains("புகார் வந்து சேர்ந்தது"),
        "{}",
        receipt.subject
    );
    ada.assigns(&ticket, &ravi).await;
    app.run_jobs();
    let told = last_mail(&app, ANN);
    assert!(
        told.subject.contains("Ravi இதைக் கவனிக்கிறார்"),
        "{}",
        told.subject
    );
    let given = last_mail(&app, &ravi.email);
    assert!(
        given.subject.contains("Assigned to you"),
        "{}",
        given.subject
    );
}

/// Whoever is invited has said nothing yet: the language of who invites.
#[tokio::test]
async fn an_invitation_is_in_the_language_of_who_invites() {
    let app = TestApp::with([UNHURRIED]).await;
    let ada = app.admin("Ada");
    let body = json!({ "name": "Kavin", "email": "kavin@example.org" });
    ada.post("/agents", body)
        .header("accept-language", "ta")
        .expect(201)
        .await;
    let mail = last_mail(&app, "kavin@example.org");
    assert!(
        mail.subject.ends_with("உங்களுக்கு ஓர் அழைப்பு"),
        "{}",
        mail.subject
    );
}
