//! The live streams of this process: who listens, and handing hints to those who may have them.
//!
//! Invariants: a stream's queue is bounded, so a reader that does not read costs a fixed amount and is told `resync`
//! instead of what it missed; a closed stream gives nothing more than `bye`; no database connection is involved.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::web::Bytes;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    auth::Role,
    db::ids::{SessionId, UserId},
    http::request_log::STREAMS,
};

/// Hints that may wait for a reader.
const QUEUE: usize = 256;
/// Streams one person may have; one more closes the oldest.
const PER_PERSON: usize = 20;
/// How long a stream whose queue ran over may stay unread before it is given up.
const DEAF_AFTER: Duration = Duration::from_secs(60);

/// Why a stream was closed, as `bye` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bye {
    /// The server stops: come back at once, another one may answer.
    Shutdown,
    /// Signed out, disabled, expired or replaced: refresh or sign in again.
    SessionEnded,
    /// The role is another one now: sign in again.
    RoleChanged,
    /// The access token ran out: come back with a fresh one.
    TokenExpired,
    /// This person opened too many streams; the oldest was closed.
    TooManyStreams,
    /// Nothing was read for too long.
    TooSlow,
}

impl Bye {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown",
            Self::SessionEnded => "session_ended",
            Self::RoleChanged => "role_changed",
            Self::TokenExpired => "token_expired",
            Self::TooManyStreams => "too_many_streams",
            Self::TooSlow => "too_slow",
        }
    }
}

/// Whom something is for.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    pub people: &'a [UserId],
    pub agents: bool,
    pub admins: bool,
    pub everyone: bool,
}

/// Both ends look at it.
#[derive(Default)]
struct Shared {
    overflowed: AtomicBool,
    over: OnceLock<Bye>,
}

struct Subscriber {
    id: Uuid,
    session: SessionId,
    role: Role,
    queue: mpsc::Sender<Bytes>,
    shared: Arc<Shared>,
    deaf_since: Option<Instant>,
}

/// The reading end of a stream. Dropping it unsubscribes.
pub struct Subscription {
    pub id: Uuid,
    user: UserId,
    queue: mpsc::Receiver<Bytes>,
    shared: Arc<Shared>,
    hub: Hub,
}

/// What a stream has to say next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    Frame(Bytes),
    /// Something was missed.
    Resync,
    Bye(Bye),
}

#[derive(Default)]
struct Inner {
    people: HashMap<UserId, Vec<Subscriber>>,
    /// People whose first stream here was opened, resp. whose last one was closed, since presence looked.
    arrived: HashSet<UserId>,
    left: HashSet<UserId>,
    closed: bool,
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub(Arc<Mutex<Inner>>);

impl Hub {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new stream, unless the server is stopping.
    pub fn subscribe(&self, user: UserId, session: SessionId, role: Role) -> Option<Subscription> {
        let (queue, reading) = mpsc::channel(QUEUE);
        let (id, shared) = (Uuid::now_v7(), Arc::new(Shared::default()));
        let mut inner = self.inner();
        if inner.closed {
            return None;
        }
        let streams = inner.people.entry(user).or_default();
        if streams.len() >= PER_PERSON {
            close(&streams.remove(0), Bye::TooManyStreams);
        }
        let first = streams.is_empty();
        streams.push(Subscriber {
            id,
            session,
            role,
            queue,
            shared: shared.clone(),
            deaf_since: None,
        });
        if first {
            inner.left.remove(&user);
            inner.arrived.insert(user);
        }
        drop(inner);
        if let Some(streams) = STREAMS.as_ref() {
            streams.inc();
        }
        Some(Subscription {
            id,
            user,
            queue: reading,
            shared,
            hub: self.clone(),
        })
    }

    /// Hands a frame to everyone it is for.
    pub fn tell(&self, reach: Reach<'_>, frame: &Bytes) {
        let mut inner = self.inner();
        if reach.everyone || reach.agents || reach.admins {
            for (user, streams) in &mut inner.people {
                let named = reach.people.contains(user);
                streams.retain_mut(|s| {
                    let by_role = (reach.agents && s.role == Role::Agent)
                        || (reach.admins && s.role == Role::Admin);
                    !(named || reach.everyone || by_role) || offer(s, frame)
                });
            }
        } else {
            for user in reach.people {
                if let Some(streams) = inner.people.get_mut(user) {
                    streams.retain_mut(|s| offer(s, frame));
                }
            }
        }
    }

    /// Tells everyone that something may have been missed.
    pub fn resync(&self) {
        for stream in self.inner().people.values().flatten() {
            stream.shared.overflowed.store(true, Ordering::SeqCst);
            // An empty comment wakes the reader; a full queue wakes it anyway.
            let _ = stream.queue.try_send(Bytes::from_static(b":\n\n"));
        }
    }

    /// The sessions behind the streams, with the role each stream was opened with.
    pub fn sessions(&self) -> Vec<(UserId, SessionId, Role)> {
        let inner = self.inner();
        let all = inner
            .people
            .iter()
            .flat_map(|(user, streams)| streams.iter().map(|s| (*user, s.session, s.role)));
        let distinct: HashSet<_> = all.collect();
        distinct.into_iter().collect()
    }

    pub fn has(&self, user: UserId) -> bool {
        self.inner()
            .people
            .get(&user)
            .is_some_and(|s| !s.is_empty())
    }

    /// Closes the session's streams.
    pub fn end_session(&self, user: UserId, session: SessionId, bye: Bye) {
        if let Some(streams) = self.inner().people.get_mut(&user) {
            streams.retain(|s| {
                let ends = s.session == session;
                if ends {
                    close(s, bye);
                }
                !ends
            });
        }
    }

    /// Closes every stream and takes no more: the server stops.
    pub fn shut(&self) {
        let mut inner = self.inner();
        inner.closed = true;
        for (_, streams) in inner.people.drain() {
            streams.iter().for_each(|s| close(s, Bye::Shutdown));
        }
    }

    /// Who has a stream here.
    pub fn present(&self) -> Vec<UserId> {
        let inner = self.inner();
        let with = inner.people.iter().filter(|(_, s)| !s.is_empty());
        with.map(|(user, _)| *user).collect()
    }

    pub fn take_arrived(&self) -> Vec<UserId> {
        self.inner().arrived.drain().collect()
    }

    pub fn take_left(&self) -> Vec<UserId> {
        self.inner().left.drain().collect()
    }
}

/// The reason is there before the queue ends.
fn close(stream: &Subscriber, bye: Bye) {
    let _ = stream.shared.over.set(bye);
}

/// Whether the stream stays.
fn offer(stream: &mut Subscriber, frame: &Bytes) -> bool {
    match stream.queue.try_send(frame.clone()) {
        Ok(()) => {
            stream.deaf_since = None;
            true
        }
        Err(mpsc::error::TrySendError::Full(_)) => {
            stream.shared.overflowed.store(true, Ordering::SeqCst);
            let since = *stream.deaf_since.get_or_insert_with(Instant::now);
            if since.elapsed() > DEAF_AFTER {
                close(stream, Bye::TooSlow);
                return false;
            }
            true
        }
        // The reader has gone and is about to unsubscribe.
        Err(mpsc::error::TrySendError::Closed(_)) => true,
    }
}

impl Subscription {
    /// Waits for the next thing to say. Cancel-safe.
    pub async fn next(&mut self) -> Next {
        let frame = self.queue.recv().await;
        if let Some(bye) = self.shared.over.get() {
            return Next::Bye(*bye);
        }
        if self.shared.overflowed.swap(false, Ordering::SeqCst) {
            // What is queued is part of what the reader will fetch anyway.
            while self.queue.try_recv().is_ok() {}
            return Next::Resync;
        }
        frame.map_or(Next::Bye(Bye::Shutdown), Next::Frame)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(streams) = STREAMS.as_ref() {
            streams.dec();
        }
        let mut inner = self.hub.inner();
        if let Some(streams) = inner.people.get_mut(&self.user) {
            streams.retain(|s| s.id != self.id);
        }
        if inner.people.get(&self.user).is_none_or(Vec::is_empty) {
            inner.people.remove(&self.user);
            inner.left.insert(self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn frame(n: usize) -> Bytes {
        Bytes::from(format!("{n}"))
    }

    fn to(people: &[UserId]) -> Reach<'_> {
        Reach {
            people,
            agents: false,
            admins: false,
            everyone: false,
        }
    }

    fn open(hub: &Hub, user: UserId, role: Role) -> Subscription {
        hub.subscribe(user, SessionId::new(), role).unwrap()
    }

    fn now(stream: &mut Subscription) -> Option<Next> {
        stream.next().now_or_never()
    }

    #[test]
    fn a_frame_reaches_those_it_is_for_and_nobody_else() {
        let hub = Hub::default();
        let (ann, ravi, ada) = (UserId::new(), UserId::new(), UserId::new());
        let mut customer = open(&hub, ann, Role::Customer);
        let mut other = open(&hub, UserId::new(), Role::Customer);
        let mut agent = open(&hub, ravi, Role::Agent);
        let mut admin = open(&hub, ada, Role::Admin);
        hub.tell(to(&[ann]), &frame(1));
        let named = [ann];
        let admins = Reach {
            admins: true,
            ..to(&named)
        };
        hub.tell(admins, &frame(2));
        hub.tell(
            Reach {
                agents: true,
                ..to(&[])
            },
            &frame(3),
        );
        hub.tell(
            Reach {
                everyone: true,
                ..to(&[])
            },
            &frame(4),
        );
        let all = |stream: &mut Subscription| {
            std::iter::from_fn(|| now(stream))
                .map(|n| {
                    if let Next::Frame(f) = n {
                        f
                    } else {
                        panic!("{n:?}")
                    }
                })
                .map(|f| String::from_utf8(f.to_vec()).unwrap())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(all(&mut customer), "1 2 4");
        assert_eq!(all(&mut other), "4");
        assert_eq!(all(&mut agent), "3 4");
        assert_eq!(all(&mut admin), "2 4");
    }

    #[test]
    fn a_reader_that_falls_behind_is_told_to_resync_once() {
        let hub = Hub::default();
        let ann = UserId::new();
        let mut stream = open(&hub, ann, Role::Customer);
        for n in 0..QUEUE * 3 {
            hub.tell(to(&[ann]), &frame(n));
        }
        assert_eq!(now(&mut stream), Some(Next::Resync));
        assert_eq!(now(&mut stream), None);
        hub.tell(to(&[ann]), &frame(7));
        assert_eq!(now(&mut stream), Some(Next::Frame(frame(7))));
    }

    #[test]
    fn a_closed_stream_says_bye_and_nothing_that_was_waiting() {
        let hub = Hub::default();
        let (ann, session) = (UserId::new(), SessionId::new());
        let mut stream = hub.subscribe(ann, session, Role::Customer).unwrap();
        let mut other = open(&hub, ann, Role::Customer);
        hub.tell(to(&[ann]), &frame(1));
        hub.end_session(ann, session, Bye::SessionEnded);
        assert_eq!(now(&mut stream), Some(Next::Bye(Bye::SessionEnded)));
        assert_eq!(now(&mut other), Some(Next::Frame(frame(1))));
        hub.shut();
        assert_eq!(now(&mut other), Some(Next::Bye(Bye::Shutdown)));
        assert!(hub.subscribe(ann, session, Role::Customer).is_none());
    }

    #[test]
    fn one_stream_too_many_closes_the_oldest() {
        let hub = Hub::default();
        let ann = UserId::new();
        let mut streams: Vec<_> = (0..=PER_PERSON)
            .map(|_| open(&hub, ann, Role::Customer))
            .collect();
        assert_eq!(now(&mut streams[0]), Some(Next::Bye(Bye::TooManyStreams)));
        assert_eq!(now(&mut streams[1]), None);
    }

    #[test]
    fn arrivals_and_departures_are_of_people_not_of_streams() {
        let hub = Hub::default();
        let ann = UserId::new();
        let first = open(&hub, ann, Role::Customer);
        let second = open(&hub, ann, Role::Customer);
        assert_eq!(
            (hub.take_arrived(), hub.take_arrived()),
            (vec![ann], vec![])
        );
        drop(first);
        assert_eq!((hub.take_left(), hub.present()), (vec![], vec![ann]));
        drop(second);
        assert_eq!((hub.take_left(), hub.present()), (vec![ann], vec![]));
    }
}
