//! Pictures of people (G02, G04, G05, D08): drawn anew, bounded, and seen by whoever sees the person.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Call, Person, TestApp};

const MINE: &str = "/me/avatar";
const RED: [u8; 3] = [200, 20, 20];
const BLUE: [u8; 3] = [20, 20, 200];

fn encoded(picture: RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

fn plain(colour: [u8; 3]) -> Vec<u8> {
    encoded(RgbImage::from_pixel(40, 30, Rgb(colour)), ImageFormat::Png)
}

fn puts(person: &Person, bytes: Vec<u8>) -> Call<'_> {
    person.call(Method::PUT, MINE).body(bytes)
}

/// Sets it; its address below `/api/v1`.
async fn wears(person: &Person, colour: [u8; 3]) -> String {
    let me = puts(person, plain(colour)).expect(200).await;
    below(&me["avatar"])
}

fn below(address: &Value) -> String {
    let address = address.as_str().expect("there is a picture");
    address.strip_prefix("/api/v1").unwrap().to_owned()
}

fn pixels(answer: &Answer) -> RgbImage {
    image::load_from_memory(&answer.body).unwrap().to_rgb8()
}

fn is_near(pixel: &Rgb<u8>, colour: [u8; 3]) -> bool {
    pixel.0.iter().zip(colour).all(|(a, b)| a.abs_diff(b) < 40)
}

#[tokio::test]
async fn a_picture_is_set_shown_replaced_and_removed() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    assert_eq!(ann.get("/me").expect(200).await["avatar"], Value::Null);
    let address = wears(&ann, RED).await;
    let answer = ann.get(&address).answered(200).await;
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(
        answer.header("cache-control"),
        "private, max-age=31536000, immutable"
    );
    assert!(answer.header("vary").starts_with("Authorization"));
    assert_eq!(pixels(&answer).dimensions(), (256, 256));
    assert!(is_near(pixels(&answer).get_pixel(128, 128), RED));
    assert!(answer.body.len() <= 65_536);

    let tag = answer.header("etag").to_owned();
    let kept = ann.get(&address).header("if-none-match", &tag);
    assert!(kept.answered(304).await.body.is_empty());
    // Without a version, or with an old one, it may change.
    let open = address.split('?').next().unwrap();
    let answer = ann.get(open).answered(200).await;
    assert_eq!(answer.header("cache-control"), "private, no-cache");

    let blue = wears(&ann, BLUE).await;
    assert_ne!(blue, address);
    let stale = ann.get(&address).header("if-none-match", &tag);
    let answer = stale.answered(200).await;
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert!(is_near(pixels(&answer).get_pixel(128, 128), BLUE));

    for _ in 0..2 {
        ann.call(Method::DELETE, MINE).expect(204).await;
    }
    ann.get(&blue).problem(404).await;
    assert_eq!(ann.get("/me").expect(200).await["avatar"], Value::Null);
    let said = app.rows("SELECT data FROM events WHERE kind = 'user.changed'");
    assert_eq!(said.len(), 3, "{said:?}");
}

#[tokio::test]
async fn g04_a_picture_is_seen_by_whoever_sees_the_person() {
    let app = TestApp::start().await;
    let (ann, ada) = (app.customer("Ann"), app.customer("Ada"));
    let (bob, ben, cleo) = (app.agent("Bob"), app.agent("Ben"), app.admin("Cleo"));
    let of_ann = wears(&ann, RED).await;
    let of_bob = wears(&bob, BLUE).await;
    let of_cleo = wears(&cleo, RED).await;
    app.anyone().get(&of_ann).problem(401).await;
    // Without a ticket, staff and customers know nothing of each other.
    for (person, address) in [(&ada, &of_ann), (&bob, &of_ann), (&ann, &of_bob)] {
        person.get(address).problem(404).await;
    }
    cleo.get(&of_ann).answered(200).await;
    ben.get(&of_bob).answered(200).await;
    ben.get(&of_cleo).answered(200).await;

    let ticket = ann.opens_a_ticket().await;
    // Nobody has it: all agents see it, and its customer.
    ben.get(&of_ann).answered(200).await;
    let ticket = cleo.assigns(&ticket, &bob).await;
    ben.get(&of_ann).problem(404).await;
    let tag = bob
        .get(&of_ann)
        .answered(200)
        .await
        .header("etag")
        .to_owned();
    ann.get(&of_bob).answered(200).await;
    ann.get(&of_cleo).answered(200).await;
    ada.get(&of_bob).problem(404).await;

    bob.says(&ticket, "Hello").await;
    let ticket = cleo.assigns(&ticket, &ben).await;
    // D08: what Bob may no longer see is gone for him at once, a kept copy is not confirmed.
    let again = bob.get(&of_ann).header("if-none-match", &tag);
    again.problem(404).await;
    // His words are still in Ann's conversation.
    ann.get(&of_bob).answered(200).await;
    let seen = ann.sees(&ticket).await;
    assert_eq!(below(&seen.json["customer"]["avatar"]), of_ann);
    assert_eq!(seen.json["assignee"]["avatar"], Value::Null);
    let timeline = ann.get(&ticket.path("/timeline")).expect(200).await;
    let items = timeline["items"].as_array().unwrap();
    let message = items.iter().find(|i| i["type"] == "message").unwrap();
    assert_eq!(below(&message["actor"]["avatar"]), of_bob);
    assert_eq!(below(&items[0]["actor"]["avatar"]), of_ann);
    // Wherever admins list people, too.
    for (path, name, address) in [
        ("/customers", "Ann", &of_ann),
        ("/agents", "Bob", &of_bob),
        ("/accounts", "Cleo", &of_cleo),
    ] {
        let page = cleo.get(path).expect(200).await;
        let mut rows = page["items"].as_array().unwrap().iter();
        let row = rows.find(|row| row["name"] == name).unwrap();
        assert_eq!(below(&row["avatar"]), *address, "{path}");
    }
}

#[tokio::test]
async fn g02_only_pictures_are_pictures() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let png = plain(RED);
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;".to_vec();
    let bad: [Vec<u8>; 7] = [
        vec![],
        svg.into(),
        "<!doctype html><script>alert(1)</script>".into(),
        gif,
        png[..8].to_vec(),
        png[..png.len() / 2].to_vec(),
        [b"<?php ".to_vec(), png.clone()].concat(),
    ];
    for bytes in bad {
        let call = puts(&ann, bytes).header("content-type", "image/png");
        call.problem(422).await;
    }
    // A picture it is, whatever it says it is; what hangs on to it is not kept.
    let polyglot = [png, b"<script>CANARY</script>".to_vec()].concat();
    let call = puts(&ann, polyglot).header("content-type", "text/html");
    let address = below(&call.expect(200).await["avatar"]);
    let answer = ann.get(&address).answered(200).await;
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert!(!answer.text().contains("CANARY"));
    let call = puts(&ann, plain(RED)).header("content-encoding", "gzip");
    call.problem(415).await;
}

/// CRC-32 of PNG chunks (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[tokio::test]
async fn g05_too_many_pixels_or_bytes_are_refused_before_they_cost() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    // A bomb: small on the way, 10 GB when drawn.
    let mut bomb = plain(RED);
    for (at, side) in [(16, 50_000_u32), (20, 50_000)] {
        bomb[at..at + 4].copy_from_slice(&side.to_be_bytes());
    }
    let sum = crc(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    let problem = puts(&ann, bomb).problem(413).await;
    assert_eq!(problem.code, "payload_too_large");
    puts(&ann, vec![0; (8 << 20) + 1]).problem(413).await;
    // Without a length it is counted as it comes.
    let chunks = (0..20).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 1 << 20]));
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let call = ann.call(Method::PUT, MINE).body(stream);
    call.problem(413).await;
}

/// A JPEG with EXIF data: a text, and the camera held upside down.
fn photograph() -> Vec<u8> {
    let halves = RgbImage::from_fn(200, 200, |x, _| Rgb(if x < 100 { RED } else { BLUE }));
    let jpeg = encoded(halves, ImageFormat::Jpeg);
    let mut exif =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0".to_vec();
    exif.extend(b"CANARY 52.5200N 13.4050E");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

#[tokio::test]
async fn metadata_is_obeyed_and_dropped() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let me = puts(&ann, photograph()).expect(200).await;
    let answer = ann.get(&below(&me["avatar"])).answered(200).await;
    assert!(!answer.text().contains("CANARY") && !answer.text().contains("Exif"));
    let drawn = pixels(&answer);
    assert!(is_near(drawn.get_pixel(20, 128), BLUE), "turned round");
    assert!(is_near(drawn.get_pixel(236, 128), RED));
}
