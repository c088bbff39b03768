//! The database goes away and comes back.

use care_postgres::{Cluster, Options};

use crate::harness::{Folder, TestApp};

fn cluster(folder: &Folder) -> Cluster {
    let mut options = Options::new(folder.path());
    options.durable = false;
    options.notify = |_| {};
    Cluster::start(options).unwrap_or_else(|e| panic!("{e}"))
}

#[tokio::test]
async fn without_its_database_the_server_is_not_ready_and_recovers() {
    let folder = Folder::new("cluster");
    let postgres = cluster(&folder);
    let url = postgres.url("care");
    care::db::migrate::run(&url).unwrap();
    let app = TestApp::on(&url, [("CARE_DB_WAIT", "1")]).await;
    let ann = app.customer("Ann");
    app.api.get("/readyz").answered(200).await;
    ann.get("/me").expect(200).await;

    postgres.stop();
    // Liveness is about the process, and reading this machine's settings needs no database.
    app.api.get("/healthz").answered(200).await;
    app.api.get("/api/v1/meta").answered(200).await;
    for path in ["/readyz", "/api/v1/services"] {
        let problem = app.api.get(path).problem(503).await;
        assert_eq!(problem.code, "unavailable", "{path}");
    }
    ann.get("/me").problem(503).await;

    let postgres = cluster(&folder);
    assert_eq!(postgres.url("care"), url);
    app.api.get("/readyz").answered(200).await;
    ann.get("/me").expect(200).await;
}
