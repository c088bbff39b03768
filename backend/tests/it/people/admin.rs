//! Admins are made on the command line; nothing else makes one.

use care::{
    config::Secret,
    people::{NewAdmin, create_admin},
    problem::Code,
};

use crate::{
    auth::{events, sign_in},
    harness::{TestApp, contract::OPERATIONS},
};

fn admin(email: &str, password: &str) -> NewAdmin {
    NewAdmin {
        name: "Cleo Winter".into(),
        email: email.into(),
        password: Secret::new(password),
    }
}

async fn create(app: &TestApp, new: NewAdmin) -> Result<(), Code> {
    let app = app.app.clone();
    let made = std::thread::spawn(move || create_admin(&app.db, &app.config, &new));
    made.join()
        .unwrap()
        .map(drop)
        .map_err(|problem| problem.code)
}

#[tokio::test]
async fn an_admin_made_on_the_command_line_signs_in() {
    let app = TestApp::start().await;
    let password = "lamps over quiet water";
    create(&app, admin("cleo@example.org", password))
        .await
        .unwrap();
    create(&app, admin("dora@example.org", password))
        .await
        .unwrap();
    let session = sign_in(&app.anyone(), "cleo@example.org", password)
        .expect(200)
        .await;
    assert_eq!(session["user"]["role"], "admin");
    assert_eq!(events(&app)[..2], ["admin.created", "admin.created"]);
}

#[tokio::test]
async fn weak_passwords_and_taken_addresses_make_no_admin() {
    let app = TestApp::start().await;
    app.customer("Ann");
    for weak in ["short", "password1", "cleo-winter-2024", "admin123"] {
        assert_eq!(
            create(&app, admin("cleo@example.org", weak)).await,
            Err(Code::Invalid),
            "{weak}"
        );
    }
    let good = "lamps over quiet water";
    assert_eq!(
        create(&app, admin("not an address", good)).await,
        Err(Code::Invalid)
    );
    assert_eq!(
        create(&app, admin("ANN@example.org", good)).await,
        Err(Code::Conflict)
    );
    assert!(
        app.rows("SELECT id FROM users WHERE role = 'admin'")
            .is_empty()
    );
}

/// B08: nobody is there by default, nothing but the command line makes an admin, and of many at once it makes one.
#[tokio::test]
async fn b08_the_first_admin_comes_from_the_console_and_nowhere_else() {
    let app = TestApp::start().await;
    assert!(app.rows("SELECT id FROM users").is_empty());
    for operation in OPERATIONS.iter().filter(|o| !o.is_protected()) {
        let named = ["setup", "install", "bootstrap", "first"];
        let path = &operation.path;
        assert!(!named.iter().any(|word| path.contains(word)), "{path}");
    }
    let password = "lamps over quiet water";
    let made = std::thread::scope(|scope| {
        let all: Vec<_> = (0..20)
            .map(|n| {
                let email = ["cleo@example.org", "Cleo@Example.org"][n % 2];
                let app = &app.app;
                scope.spawn(move || create_admin(&app.db, &app.config, &admin(email, password)))
            })
            .collect();
        let all = all.into_iter().map(|made| made.join().unwrap());
        all.filter(Result::is_ok).count()
    });
    assert_eq!(made, 1);
    let admins = app.rows("SELECT id FROM users WHERE role = 'admin'");
    assert_eq!(admins.len(), 1);
}
