//! What the server answers before any feature is asked.

use crate::harness::TestApp;

#[tokio::test]
async fn health_and_readiness() {
    let app = TestApp::start().await;
    assert_eq!(app.api.get("/healthz").answered(200).await.text(), "ok");
    assert_eq!(app.api.get("/readyz").answered(200).await.text(), "ready");
}

#[tokio::test]
async fn unknown_routes_are_problems() {
    let app = TestApp::start().await;
    let problem = app.anyone().get("/nothing").problem(404).await;
    assert_eq!(problem.code, "not_found");
}
