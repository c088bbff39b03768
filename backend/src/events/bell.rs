//! A doorbell between a commit and those who look for new events and jobs. It carries nothing; missing a ring only means
//! that the slow poll finds the work.

/// Rings; cheap to clone.
#[derive(Clone)]
pub struct Bell(flume::Sender<()>);

impl Bell {
    /// The bell and the ear of the one who listens.
    pub fn new() -> (Self, flume::Receiver<()>) {
        let (ring, ear) = flume::bounded(1);
        (Self(ring), ear)
    }

    /// A bell nobody hears, for the command line.
    pub fn silent() -> Self {
        Self::new().0
    }

    pub fn ring(&self) {
        // Full means it is ringing already; disconnected means nobody listens.
        let _ = self.0.try_send(());
    }
}
