//! What runs beside the requests: the thread that follows the events, and the job workers.

use actix_web::web::Data;

use crate::{
    app::App,
    events::{bell::Ear, listener::Listener},
    jobs::Workers,
};

/// Everything that runs in the background of one server.
pub struct Handle {
    app: Data<App>,
    listener: Listener,
    workers: Workers,
}

/// Starts it. `ear` belongs to the bell that `app` was built with.
pub fn start(app: &Data<App>, ear: Ear) -> Result<Handle, String> {
    Ok(Handle {
        workers: Workers::start(app, ear.work.clone())?,
        listener: listen(app, ear)?,
        app: app.clone(),
    })
}

/// Only the thread that follows the events, without workers.
pub fn listen(app: &Data<App>, ear: Ear) -> Result<Listener, String> {
    let watch = Box::new(app.lockdown.eye());
    Listener::start(app.live.clone(), ear, watch)
}

impl Handle {
    /// Says goodbye on all live streams, lets every worker finish the job in hand and gives the others back. Blocks for as
    /// long as a job may take. Call [`crate::events::Live::shut`] first of all, before the server waits for its
    /// connections, and this once requests have ended.
    pub fn stop(self) {
        self.app.live.shut();
        self.listener.stop();
        self.workers.stop();
    }
}
