//! Two doorbells, for those who look for new events and those who look for work. They carry nothing; missing a ring only
//! means that a slow poll finds what there is.

use crate::jobs::Wake;

/// Rings after commits of this process; cheap to clone.
#[derive(Clone)]
pub struct Bell {
    events: flume::Sender<()>,
    work: Wake,
}

/// What a [`Bell`] is heard with.
pub struct Ear {
    pub events: flume::Receiver<()>,
    pub work: Wake,
}

impl Bell {
    /// The bell and the ear of those who listen.
    pub fn new() -> (Self, Ear) {
        let (events, ear) = flume::bounded(1);
        let work = Wake::default();
        let bell = Self {
            events,
            work: work.clone(),
        };
        (bell, Ear { events: ear, work })
    }

    /// A bell nobody hears, for the command line.
    pub fn silent() -> Self {
        Self::new().0
    }

    /// There are new events.
    pub fn tell(&self) {
        // Full means it is ringing already; disconnected means nobody listens.
        let _ = self.events.try_send(());
    }

    /// There are jobs to be run now.
    pub fn wake(&self) {
        self.work.all();
    }
}
