//! Events that wait in a row become one, so that a burst costs the app one callback.

use protocol::conversation::ConvInfo;
use tim_core::{ConvGroupEvent, Event};

/// Items that one callback is given at most when events are merged.
const MERGED_ITEMS: usize = 100;

/// How much room an event takes in the queue.
pub(super) fn items(event: &Event) -> usize {
    match event {
        Event::NewMessages(messages) => messages.len(),
        Event::UserStatus(statuses) => statuses.len(),
        Event::UserInfo(profiles) => profiles.len(),
        Event::Receipts(receipts) => receipts.len(),
        Event::Revoked(revoked) => revoked.len(),
        Event::Modified(messages) => messages.len(),
        Event::Conversations(_, conversations) => conversations.len(),
        Event::ConvGroup(
            ConvGroupEvent::Created(_, conversations)
            | ConvGroupEvent::Added(_, conversations)
            | ConvGroupEvent::Removed(_, conversations, _),
        ) => conversations.len(),
        Event::Network(_)
        | Event::KickedOffline
        | Event::UserSigExpired
        | Event::SelfInfo(_)
        | Event::ReceiveAll(_)
        | Event::ConvGroup(_)
        | Event::UnreadByFilter(..)
        | Event::TotalUnread(_) => 0,
    }
}

/// Whether the app can learn the same by asking, so that the event may be dropped when the app
/// does not keep up.
pub(super) fn is_passing(event: &Event) -> bool {
    match event {
        Event::NewMessages(_)
        | Event::UserStatus(_)
        | Event::UserInfo(_)
        | Event::Receipts(_)
        | Event::Revoked(_)
        | Event::Modified(_) => true,
        Event::Conversations(_, conversations) => !conversations.is_empty(),
        Event::Network(_)
        | Event::KickedOffline
        | Event::UserSigExpired
        | Event::SelfInfo(_)
        | Event::ReceiveAll(_)
        | Event::ConvGroup(_)
        | Event::UnreadByFilter(..)
        | Event::TotalUnread(_) => false,
    }
}

/// Melts `event` into `last`, or gives it back. What they take in the queue together stays what
/// it was: nothing that is counted is thrown away.
pub(super) fn merge(last: &mut Event, event: Event) -> Option<Event> {
    if items(last) + items(&event) > MERGED_ITEMS {
        return Some(event);
    }
    match (last, event) {
        (Event::NewMessages(last), Event::NewMessages(messages)) => last.extend(messages),
        (Event::UserStatus(last), Event::UserStatus(statuses)) => last.extend(statuses),
        (Event::Receipts(last), Event::Receipts(receipts)) => last.extend(receipts),
        (Event::Revoked(last), Event::Revoked(revoked)) => last.extend(revoked),
        (Event::Modified(last), Event::Modified(messages)) => last.extend(messages),
        (Event::UserInfo(last), Event::UserInfo(profiles)) => last.extend(profiles),
        (Event::SelfInfo(last), Event::SelfInfo(profile)) => *last = profile,
        (Event::ReceiveAll(last), Event::ReceiveAll(all)) => *last = all,
        (Event::TotalUnread(last), Event::TotalUnread(count)) => *last = count,
        (Event::UnreadByFilter(of, last), Event::UnreadByFilter(filter, count))
            if *of == filter =>
        {
            *last = count;
        }
        (Event::Conversations(kind, last), Event::Conversations(other, conversations))
            if *kind == other && is_list(last) && is_list(&conversations) =>
        {
            last.extend(conversations);
        }
        (_, event) => return Some(event),
    }
    None
}

/// Start and finish of a sync have no list, and stay what they are.
fn is_list(conversations: &[ConvInfo]) -> bool {
    !conversations.is_empty()
}

#[cfg(test)]
mod tests {
    use protocol::user::UserStatus;

    use super::*;

    #[test]
    fn only_the_same_kind_is_merged_and_only_so_many() {
        let status = || Event::UserStatus(vec![UserStatus::default(); 60]);
        let mut last = status();
        assert!(merge(&mut last, Event::TotalUnread(1)).is_some());
        assert!(merge(&mut last, status()).is_some());
        assert!(merge(&mut last, Event::UserStatus(vec![UserStatus::default()])).is_none());
        assert_eq!(items(&last), 61);
        let mut start = Event::Conversations(3, vec![]);
        assert!(merge(&mut start, Event::Conversations(3, vec![])).is_some());
        let mut total = Event::TotalUnread(1);
        assert!(merge(&mut total, Event::TotalUnread(2)).is_none());
        assert_eq!(total, Event::TotalUnread(2));
    }
}
