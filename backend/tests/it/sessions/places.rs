//! Roughly where an address is, with a file that says so: shown beside it, and told of when the country is new (A12).

use std::path::Path;

use care::places::Places;
use serde_json::{Value, json};

use super::{ANN, FIREFOX, items};
use crate::{
    auth::{UNHURRIED, holder, last_mail, sign_in},
    harness::{
        Call, Folder, PASSWORD, Person, TestApp,
        places::{self, BOXFORD, JAPAN, LINKOPING, NOWHERE, PRIVATE, STOCKHOLM, UNKNOWN},
    },
};

/// With a file of places, behind a proxy that tells where requests come from.
async fn app(folder: &Folder) -> TestApp {
    let file = places::file(folder);
    let settings = [
        UNHURRIED,
        ("CARE_TRUSTED_PROXIES", "127.0.0.1"),
        ("CARE_PLACES", file.as_str()),
    ];
    TestApp::with(settings).await
}

/// Signing in as Ann from this address, in the browser with this token.
fn from<'a>(anyone: &'a Person, ip: &str, device: &Value) -> Call<'a> {
    let body = json!({ "email": ANN, "password": PASSWORD, "device_token": device });
    let call = anyone.post("/auth/sign-in", body);
    call.header("x-forwarded-for", ip)
        .header("user-agent", FIREFOX)
}

/// The mails that tell Ann of a sign-in.
fn alerts(app: &TestApp) -> Vec<String> {
    let mails = app.mails_to(ANN).into_iter();
    let alerts = mails.filter(|m| m.subject.contains("New sign-in"));
    // One line, wherever it was broken.
    alerts
        .map(|m| m.text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

fn of_places(items: &[Value]) -> Vec<(&str, Option<&str>)> {
    let all = items.iter();
    all.map(|s| (s["ip"].as_str().unwrap(), s["place"].as_str()))
        .collect()
}

#[tokio::test]
async fn sessions_and_sign_ins_say_roughly_where() {
    let folder = Folder::new("places");
    let app = app(&folder).await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    let expected = [
        (LINKOPING, Some("Linköping, Sweden")),
        (BOXFORD, Some("Boxford, United Kingdom")),
        (JAPAN, Some("Japan")),
        // An IPv4 address written as IPv6.
        ("::ffff:89.160.20.161", Some("Stockholm, Sweden")),
        (NOWHERE, None),
        (UNKNOWN, None),
        (PRIVATE, None),
        ("::1", None),
    ];
    for (ip, _) in expected {
        from(&anyone, ip, &Value::Null).expect(200).await;
    }
    sign_in(&anyone, ANN, "not this one")
        .header("x-forwarded-for", JAPAN)
        .problem(401)
        .await;
    let history = items(&ann, "/me/sign-ins").await;
    assert_eq!(history[0]["outcome"], "wrong_password");
    assert_eq!(history[0]["place"], "Japan");
    let mut seen = of_places(&history[1..]);
    seen.reverse();
    assert_eq!(seen, expected);
    let list = items(&ann, "/me/sessions").await;
    for one in expected {
        assert!(of_places(&list).contains(&one), "{one:?} in {list:#?}");
    }
}

/// A session is where it was last seen.
#[tokio::test]
async fn a_session_moves_with_its_address() {
    let folder = Folder::new("places");
    let app = app(&folder).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let session = from(&anyone, LINKOPING, &Value::Null).expect(200).await;
    let me = holder(&app, &session);
    let body = json!({ "refresh_token": session["refresh_token"] });
    let call = anyone.post("/auth/refresh", body);
    call.header("x-forwarded-for", BOXFORD).expect(200).await;
    let list = items(&me, "/me/sessions").await;
    let here: Vec<_> = list.into_iter().filter(|s| s["current"] == true).collect();
    assert_eq!(
        of_places(&here),
        [(BOXFORD, Some("Boxford, United Kingdom"))]
    );
    let history = items(&me, "/me/sign-ins").await;
    assert_eq!(history[0]["place"], "Linköping, Sweden");
}

#[tokio::test]
async fn without_a_file_there_are_no_places() {
    let app = TestApp::with([UNHURRIED, ("CARE_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    let session = from(&anyone, LINKOPING, &Value::Null).expect(200).await;
    let device = &session["device_token"];
    from(&anyone, BOXFORD, device).expect(200).await;
    for path in ["/me/sign-ins", "/me/sessions"] {
        for one in items(&ann, path).await {
            assert_eq!(one["place"], Value::Null);
        }
    }
    assert!(alerts(&app).is_empty());
    from(&anyone, BOXFORD, &Value::Null).expect(200).await;
    let told = &alerts(&app)[0];
    assert!(
        told.contains(&format!("from the address {BOXFORD}. You")),
        "{told}"
    );
}

#[tokio::test]
async fn a12_a_known_device_in_a_new_country_is_told_once() {
    let folder = Folder::new("places");
    let app = app(&folder).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let first = from(&anyone, LINKOPING, &Value::Null).expect(200).await;
    let device = &first["device_token"];
    assert!(
        alerts(&app).is_empty(),
        "there is nothing to compare the first with"
    );
    for ip in [STOCKHOLM, UNKNOWN, NOWHERE, PRIVATE] {
        from(&anyone, ip, device).expect(200).await;
    }
    assert!(alerts(&app).is_empty(), "the same country, or none we know");
    // Whoever fails there makes no country known.
    sign_in(&anyone, ANN, "not this one")
        .header("x-forwarded-for", BOXFORD)
        .problem(401)
        .await;
    from(&anyone, BOXFORD, device).expect(200).await;
    let told = alerts(&app);
    assert_eq!(told.len(), 1);
    let place = format!("from the address {BOXFORD}, roughly in Boxford, United Kingdom.");
    assert!(told[0].contains(&place), "{}", told[0]);
    let kinds = app.rows("SELECT data FROM events WHERE kind = 'session.new_place'");
    assert_eq!(kinds.len(), 1);
    assert!(!kinds[0].to_string().contains("Boxford"));
    for ip in [BOXFORD, LINKOPING, BOXFORD] {
        from(&anyone, ip, device).expect(200).await;
    }
    assert_eq!(alerts(&app).len(), 1);
    // The history is what is compared with: what it has lost is new again.
    app.sql(&format!("DELETE FROM sign_ins WHERE ip = '{BOXFORD}'"));
    from(&anyone, BOXFORD, device).expect(200).await;
    assert_eq!(alerts(&app).len(), 2);
}

/// One mail says both.
#[tokio::test]
async fn a12_a_new_device_in_a_new_country_is_told_once() {
    let folder = Folder::new("places");
    let app = app(&folder).await;
    app.customer("Ann");
    let anyone = app.anyone();
    from(&anyone, LINKOPING, &Value::Null).expect(200).await;
    from(&anyone, JAPAN, &Value::Null).expect(200).await;
    let told = alerts(&app);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("roughly in Japan."), "{}", told[0]);
}

/// Sign-ins from before there was a file, or from a private network, are nothing to compare with.
#[tokio::test]
async fn a_history_without_countries_makes_none_strange() {
    let folder = Folder::new("places");
    let app = app(&folder).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let first = from(&anyone, PRIVATE, &Value::Null).expect(200).await;
    let device = &first["device_token"];
    from(&anyone, LINKOPING, device).expect(200).await;
    assert!(alerts(&app).is_empty());
    from(&anyone, JAPAN, device).expect(200).await;
    assert_eq!(alerts(&app).len(), 1);
}

/// What a caller says of itself counts from a configured proxy only.
#[tokio::test]
async fn a12_nobody_says_for_themselves_where_they_are() {
    let folder = Folder::new("places");
    let file = places::file(&folder);
    let app = TestApp::with([UNHURRIED, ("CARE_PLACES", file.as_str())]).await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    let first = from(&anyone, LINKOPING, &Value::Null).expect(200).await;
    from(&anyone, BOXFORD, &first["device_token"])
        .expect(200)
        .await;
    for one in items(&ann, "/me/sign-ins").await {
        let where_from = (&one["ip"], &one["place"]);
        assert_eq!(where_from, (&json!("127.0.0.1"), &Value::Null));
    }
    assert!(alerts(&app).is_empty());
}

/// The file is not ours: what it says is only text.
#[tokio::test]
async fn the_mail_holds_the_place_as_text() {
    let folder = Folder::new("places");
    let evil = json!({
        "city": { "names": { "en": "<b>Bank</b>" } },
        "country": { "iso_code": "GB", "names": { "en": "United Kingdom" } },
    });
    let file = places::write(&folder, "Care-City", &[("2.125.160.216", 29, evil)]);
    let settings = [
        UNHURRIED,
        ("CARE_TRUSTED_PROXIES", "127.0.0.1"),
        ("CARE_PLACES", file.as_str()),
    ];
    let app = TestApp::with(settings).await;
    app.customer("Ann");
    let anyone = app.anyone();
    from(&anyone, LINKOPING, &Value::Null).expect(200).await;
    from(&anyone, BOXFORD, &Value::Null).expect(200).await;
    assert_eq!(alerts(&app).len(), 1);
    let mail = last_mail(&app, ANN);
    assert!(mail.text.contains("<b>Bank</b>"), "{}", mail.text);
    assert!(mail.html.contains("&lt;b&gt;Bank"), "{}", mail.html);
}

/// A server that was given a file it can not use does not start without it.
#[test]
fn a_file_that_can_not_be_read_is_a_mistake() {
    let folder = Folder::new("places");
    folder.write("text.mmdb", "Linköping, Sweden");
    folder.write("empty.mmdb", "");
    let text = format!("{}/text.mmdb", folder.path());
    let empty = format!("{}/empty.mmdb", folder.path());
    let missing = format!("{}/missing.mmdb", folder.path());
    let others = places::write(&folder, "Care-ASN", &[("2.125.160.216", 29, json!({}))]);
    for file in [text.as_str(), &empty, &missing, &others, folder.path()] {
        let mistake = Places::open(Some(Path::new(file))).unwrap_err();
        assert!(mistake.starts_with("CARE_PLACES: "), "{mistake}");
        assert!(mistake.contains(file), "{mistake}");
    }
    let good = places::file(&folder);
    let whole = std::fs::read(&good).unwrap();
    std::fs::write(&text, &whole[whole.len() / 2..]).unwrap();
    assert!(Places::open(Some(Path::new(&text))).is_err(), "cut off");
    let places = Places::open(Some(Path::new(&good))).unwrap();
    let place = places.find(LINKOPING).unwrap();
    assert_eq!(place.country, "SE");
    assert_eq!(place.name, "Linköping, Sweden");
    for none in ["", "Linköping", "89.160.20.128:80", "89.160.20"] {
        assert_eq!(places.find(none), None, "{none}");
    }
}
