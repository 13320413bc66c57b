//! The conformance suite of stores: every implementation passes the same tests.

use protocol::conversation::ConvId;
use protocol::message::{Content, Elem, TextElem, msg_status};

use super::{MessageRow, Place};

mod search;

/// A message for the suite: in the conversation with `peer`, sent by the peer.
#[doc(hidden)]
pub fn suite_row(peer: &str, msg_id: &str, seq: u64, sub: u64) -> MessageRow {
    MessageRow {
        conv: ConvId::c2c(peer),
        msg_id: msg_id.into(),
        sender: peer.into(),
        place: Place { seq, sub },
        time: 1_700_000_000 + seq,
        ord: seq,
        status: msg_status::SENT,
        custom_int: 7,
        custom_str: "local".into(),
        change: None,
        content: Content {
            elems: vec![Elem::Text(TextElem {
                content: format!("text {msg_id} 👋"),
            })],
            client_time: 1_700_000_000,
            rand: 42,
            ..Content::default()
        }
        .into(),
    }
}

/// Tests of everything that [`Store`](crate::store::Store) promises. The argument makes an empty
/// store, not yet open.
#[macro_export]
macro_rules! store_suite {
    ($make:expr) => {
        mod store_suite {
            #[allow(unused_imports)]
            use super::*;
            use protocol::conversation::ConvId;
            use protocol::conversation::list::Draft;
            use protocol::group::GroupState;
            use protocol::message::msg_status;
            use protocol::user::profile::UserProfile;
            use $crate::store::{ConvRow, KEPT_PROFILES, Place, Store, suite_row};

            fn ids(rows: &[$crate::store::MessageRow]) -> Vec<&str> {
                rows.iter().map(|row| row.msg_id.as_str()).collect()
            }

            #[test]
            fn what_became_of_a_message_is_kept() {
                use protocol::message::{Change, Revoked};
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let mut row = suite_row("bob", "m1", 1, 0);
                store.insert_message(&row).unwrap();
                row.status = msg_status::REVOKED;
                row.content = row.content.emptied().into();
                let revoked = Some(Revoked {
                    by: "bob".into(),
                    reason: String::new(),
                });
                row.change = Some(Change { rev: 3, revoked }.into());
                store.change_message(&row).unwrap();
                assert_eq!(store.message("m1").unwrap(), Some(row.clone()));
                row.msg_id = "m2".into();
                row.place.seq = 2;
                store.insert_message(&row).unwrap();
                assert_eq!(store.message_at(&row.conv, 2).unwrap(), Some(row));
            }

            #[test]
            fn what_is_deleted_is_gone_and_the_rest_is_not() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let conv = ConvId::c2c("bob");
                for seq in 1..=9 {
                    let id = format!("m{seq}");
                    store
                        .insert_message(&suite_row("bob", &id, seq, 0))
                        .unwrap();
                }
                let mut failed = suite_row("bob", "failed", 4, 7);
                failed.status = msg_status::FAILED;
                store.insert_message(&failed).unwrap();
                let mut sending = suite_row("bob", "sending", 4, 8);
                sending.status = msg_status::SENDING;
                store.insert_message(&sending).unwrap();
                store
                    .insert_message(&suite_row("carol", "c4", 4, 0))
                    .unwrap();
                store.delete_message("m9").unwrap();
                store.delete_message("m9").unwrap();
                assert_eq!(store.message("m9").unwrap(), None);
                store.delete_range(&conv, 3, 5, false).unwrap();
                assert_eq!(
                    ids(&store.page(&conv, Place::START, true, 99).unwrap()).join(" "),
                    "m1 m2 failed sending m6 m7 m8"
                );
                assert_eq!(store.message_at(&conv, 4).unwrap(), None);
                store.delete_range(&conv, 1, 7, true).unwrap();
                assert_eq!(
                    ids(&store.page(&conv, Place::START, true, 99).unwrap()).join(" "),
                    "sending m8"
                );
                assert_eq!(ids(&store.outbox(0, 9).unwrap()), ["sending"]);
                assert!(store.message("c4").unwrap().is_some());
                // A place that is free is given again.
                store
                    .insert_message(&suite_row("bob", "again", 4, 0))
                    .unwrap();
                assert_eq!(
                    ids(&store.page(&conv, Place::START, true, 99).unwrap()).join(" "),
                    "again sending m8"
                );
            }

            #[test]
            fn facts_survive_reopening_and_users_are_apart() {
                let mut store = ($make)();
                assert!(!store.is_open());
                store.open(1, "alice").unwrap();
                assert!(store.is_open());
                assert_eq!(store.meta("cursor").unwrap(), None);
                store.set_meta("cursor", "1").unwrap();
                store.set_meta("cursor", "2").unwrap();
                store.insert_message(&suite_row("bob", "m1", 1, 0)).unwrap();
                store.open(1, "carol").unwrap();
                assert_eq!(store.meta("cursor").unwrap(), None);
                assert_eq!(store.message("m1").unwrap(), None);
                store.open(1, "alice").unwrap();
                assert_eq!(store.meta("cursor").unwrap().as_deref(), Some("2"));
                assert_eq!(
                    store.message("m1").unwrap(),
                    Some(suite_row("bob", "m1", 1, 0))
                );
                store.close();
                store.close();
                assert!(!store.is_open());
            }

            #[test]
            fn messages_are_kept_once_and_paged_by_place() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let conv = ConvId::c2c("bob");
                for (id, seq, sub) in [
                    ("m1", 1, 0),
                    ("m3", 3, 0),
                    ("mine", 1, 1),
                    ("m2", 2, 0),
                    ("late", 3, 2),
                ] {
                    assert!(
                        store
                            .insert_message(&suite_row("bob", id, seq, sub))
                            .unwrap()
                    );
                }
                assert!(!store.insert_message(&suite_row("bob", "m2", 9, 0)).unwrap());
                store
                    .insert_message(&suite_row("eve", "other", 2, 0))
                    .unwrap();

                let page = store.page(&conv, Place::END, false, 10).unwrap();
                assert_eq!(ids(&page), ["late", "m3", "m2", "mine", "m1"]);
                let page = store.page(&conv, Place::START, true, 2).unwrap();
                assert_eq!(ids(&page), ["m1", "mine"]);
                let page = store
                    .page(&conv, Place { seq: 3, sub: 0 }, false, 2)
                    .unwrap();
                assert_eq!(ids(&page), ["m2", "mine"]);
                let page = store
                    .page(&conv, Place { seq: 2, sub: 0 }, true, 9)
                    .unwrap();
                assert_eq!(ids(&page), ["m3", "late"]);
                assert_eq!(store.message_at(&conv, 2).unwrap().unwrap().msg_id, "m2");
                assert_eq!(store.message_at(&conv, 4).unwrap(), None);
            }

            #[test]
            fn an_accepted_message_moves_to_its_place() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let conv = ConvId::c2c("bob");
                let mut row = suite_row("bob", "a", 4, 1);
                row.sender = "alice".into();
                row.status = msg_status::SENDING;
                (row.time, row.ord) = (0, 0);
                store.insert_message(&row).unwrap();
                store.set_message_sent("a", 6, 99, 3).unwrap();
                let got = store.message("a").unwrap().unwrap();
                assert_eq!(got.place, Place { seq: 6, sub: 0 });
                assert_eq!((got.time, got.ord, got.status), (99, 3, msg_status::SENT));
                assert_eq!(store.message_at(&conv, 6).unwrap().unwrap().msg_id, "a");
                store.set_message_status("a", msg_status::FAILED).unwrap();
                assert_eq!(
                    store.message("a").unwrap().unwrap().status,
                    msg_status::FAILED
                );
                store.set_message_sent("nobody", 1, 1, 1).unwrap();
            }

            #[test]
            fn peer_ordinals_leave_out_own_messages() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let conv = ConvId::c2c("bob");
                assert_eq!(store.peer_ord_at(&conv, "alice", 9).unwrap(), 0);
                for seq in [1, 2, 4] {
                    let row = suite_row("bob", &format!("m{seq}"), seq, 0);
                    store.insert_message(&row).unwrap();
                }
                let mut own = suite_row("bob", "own", 3, 0);
                own.sender = "alice".into();
                own.ord = 70;
                store.insert_message(&own).unwrap();
                assert_eq!(store.peer_ord_at(&conv, "alice", 3).unwrap(), 2);
                assert_eq!(store.peer_ord_at(&conv, "alice", 4).unwrap(), 4);
                // Messages that this device has for itself have none, however many they are.
                for sub in 1..=200 {
                    let mut kept = suite_row("bob", &format!("kept{sub}"), 4, sub);
                    kept.ord = 0;
                    store.insert_message(&kept).unwrap();
                }
                assert_eq!(store.peer_ord_at(&conv, "alice", 4).unwrap(), 4);
            }

            #[test]
            fn what_belongs_to_this_device_can_be_changed() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let mut row = suite_row("bob", "m1", 1, 0);
                store.insert_message(&row).unwrap();
                store.set_message_custom("m1", 9, "other 👋").unwrap();
                store.set_message_custom("nobody", 1, "x").unwrap();
                (row.custom_int, row.custom_str) = (9, "other 👋".into());
                assert_eq!(store.message("m1").unwrap(), Some(row));
            }

            #[test]
            fn gaps_are_ranges() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let conv = ConvId::c2c("bob");
                store.add_gap(&conv, 1, 10).unwrap();
                store.add_gap(&conv, 20, 20).unwrap();
                store.close_gap(&conv, 4, 6).unwrap();
                assert_eq!(store.gaps(&conv).unwrap(), [(1, 3), (7, 10), (20, 20)]);
                store.close_gap(&conv, 1, 3).unwrap();
                store.close_gap(&conv, 9, 30).unwrap();
                assert_eq!(store.gaps(&conv).unwrap(), [(7, 8)]);
                assert_eq!(store.gaps(&ConvId::c2c("eve")).unwrap(), []);
            }

            #[test]
            fn the_outbox_is_first_in_first_out() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let waiting = |id: &str| {
                    let mut row = suite_row("bob", id, 0, u64::from(id.as_bytes()[0]));
                    row.status = msg_status::SENDING;
                    row
                };
                assert_eq!(store.outbox_extent().unwrap(), (0, 0));
                for id in ["a", "c", "b", "d"] {
                    store.insert_message(&waiting(id)).unwrap();
                }
                store.insert_message(&suite_row("bob", "x", 7, 0)).unwrap();
                assert_eq!(store.outbox_extent().unwrap(), (4, u64::from(b'd')));
                let first = store.outbox(0, 2).unwrap();
                assert_eq!(ids(&first), ["a", "b"]);
                let rest = store.outbox(first[1].place.sub, 9).unwrap();
                assert_eq!(rest, [waiting("c"), waiting("d")]);
                store.set_message_sent("b", 8, 1, 1).unwrap();
                store.set_message_status("c", msg_status::FAILED).unwrap();
                assert_eq!(ids(&store.outbox(0, 9).unwrap()), ["a", "d"]);
                store.set_message_status("c", msg_status::SENDING).unwrap();
                assert_eq!(ids(&store.outbox(0, 9).unwrap()), ["a", "c", "d"]);
            }

            #[test]
            fn a_place_holds_one_message() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let conv = ConvId::c2c("bob");
                store
                    .insert_message(&suite_row("bob", "old", 4, 0))
                    .unwrap();
                assert!(
                    store
                        .insert_message(&suite_row("bob", "new", 4, 0))
                        .unwrap()
                );
                assert_eq!(store.message_at(&conv, 4).unwrap().unwrap().msg_id, "new");
                assert_eq!(store.message("old").unwrap(), None);
                let mut own = suite_row("bob", "own", 4, 1);
                own.status = msg_status::SENDING;
                store.insert_message(&own).unwrap();
                store.set_message_sent("own", 4, 1, 1).unwrap();
                assert_eq!(store.message_at(&conv, 4).unwrap().unwrap().msg_id, "own");
                assert_eq!(store.message("new").unwrap(), None);
                assert_eq!(
                    ids(&store.page(&conv, Place::START, true, 9).unwrap()),
                    ["own"]
                );
            }

            #[test]
            fn profiles_are_remembered_with_their_age() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                assert_eq!(store.profile("bob").unwrap(), None);
                let mut bob = UserProfile::new("bob");
                bob.nick_name = "Bob 👋".into();
                store.put_profile(&bob, 5).unwrap();
                bob.level = 7;
                store.put_profile(&bob, 6).unwrap();
                assert_eq!(store.profile("bob").unwrap(), Some((bob.clone(), 6)));
                store.open(1, "carol").unwrap();
                assert_eq!(store.profile("bob").unwrap(), None);
                store.open(1, "alice").unwrap();
                assert_eq!(store.profile("bob").unwrap(), Some((bob, 6)));
            }

            #[test]
            fn groups_are_kept_as_they_were_told() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                assert_eq!(store.group("g").unwrap(), None);
                assert!(!store.has_groups().unwrap());
                let mut state = GroupState::default();
                state.info.group_id = "g".into();
                state.info.name = "Friends 👋".into();
                store.put_group(&state).unwrap();
                state.me.own_ord = 7;
                store.put_group(&state).unwrap();
                assert_eq!(store.group("g").unwrap(), Some(state.clone()));
                store.open(1, "carol").unwrap();
                assert!(!store.has_groups().unwrap());
                store.open(1, "alice").unwrap();
                assert_eq!(store.group("g").unwrap(), Some(state));
                assert!(store.has_groups().unwrap());
                store.delete_group("g").unwrap();
                assert_eq!(store.group("g").unwrap(), None);
                assert!(!store.has_groups().unwrap());
            }

            #[test]
            fn of_too_many_profiles_the_old_ones_go() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let most = KEPT_PROFILES as u64 + 600;
                for n in 0..most {
                    let profile = UserProfile::new(format!("u{n}"));
                    store.put_profile(&profile, 1_000 + n).unwrap();
                }
                assert_eq!(store.profile("u0").unwrap(), None);
                for kept in [600, most - 1] {
                    assert!(store.profile(&format!("u{kept}")).unwrap().is_some());
                }
            }

            #[test]
            fn conversations_are_listed_by_activity() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let mut bob = ConvRow::new(ConvId::c2c("bob"));
                (bob.active_ms, bob.peer_ord, bob.read_ord) = (10, 5, 2);
                let mut eve = ConvRow::new(ConvId::c2c("eve"));
                (eve.active_ms, eve.peer_ord, eve.head_seq) = (20, 1, 3);
                eve.last_msg_id = "m3".into();
                store.put_conversation(&bob).unwrap();
                store.put_conversation(&eve).unwrap();
                assert_eq!(store.conversations().unwrap(), [eve.clone(), bob.clone()]);
                assert_eq!(store.total_unread().unwrap(), 4);
                bob.active_ms = 30;
                (bob.read_ord, bob.read_seq, bob.read_dirty) = (9, 9, true);
                (bob.peer_read_seq, bob.peer_read_time) = (8, 7);
                store.put_conversation(&bob).unwrap();
                assert_eq!(store.conversations().unwrap(), [bob.clone(), eve]);
                assert_eq!(store.total_unread().unwrap(), 1);
                assert_eq!(store.conversation(&bob.conv).unwrap(), Some(bob.clone()));
                assert_eq!(store.dirty_conversations().unwrap(), [bob]);
                assert_eq!(store.conversation(&ConvId::c2c("nobody")).unwrap(), None);
            }

            #[test]
            fn the_list_is_ordered_by_pin_then_by_message_or_draft_and_comes_in_pages() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let row = |id: &str, active_ms: u64| ConvRow {
                    active_ms,
                    ..ConvRow::new(ConvId::c2c(id))
                };
                let draft = ConvRow {
                    draft_ms: 20,
                    ..row("draft", 5)
                };
                let pinned = ConvRow {
                    is_pinned: true,
                    ..row("pinned", 1)
                };
                let gone = ConvRow {
                    is_hidden: true,
                    ..row("gone", 40)
                };
                let (old, new, same) = (row("old", 10), row("new", 30), row("same", 30));
                for row in [old, new, draft, pinned, gone, same] {
                    store.put_conversation(&row).unwrap();
                }
                let names = |rows: Vec<ConvRow>| -> Vec<String> {
                    rows.into_iter().map(|row| row.conv.id).collect()
                };
                let all = names(store.conversations().unwrap());
                assert_eq!(all, ["pinned", "same", "new", "draft", "old"]);
                let (mut below, mut paged) = (u64::MAX, Vec::new());
                loop {
                    let page = store.conversations_below(below, 2).unwrap();
                    let Some((rank, _)) = page.last() else { break };
                    below = *rank;
                    paged.extend(names(page.into_iter().map(|(_, row)| row).collect()));
                }
                assert_eq!(paged, all, "each once, those of the same moment too");
            }

            #[test]
            fn what_is_set_on_a_conversation_stays() {
                use std::sync::Arc;
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let mut bob = ConvRow::new(ConvId::c2c("bob"));
                (bob.peer_ord, bob.hidden_ord) = (5, 3);
                (bob.hidden_seq, bob.settings_version) = (Some(0), 8);
                (bob.is_pinned, bob.marks) = (true, 1 << 63 | 2);
                bob.custom_data = "vip".into();
                bob.is_bare = true;
                bob.groups = vec![1, 20];
                bob.draft = Some(Arc::new(Draft {
                    user_define: "half a sent".into(),
                    ..Draft::default()
                }));
                bob.draft_ms = 9;
                let mut eve = ConvRow::new(ConvId::c2c("eve"));
                (eve.peer_ord, eve.is_hidden) = (7, true);
                let mut dan = ConvRow::new(ConvId::c2c("dan"));
                (dan.peer_ord, dan.recv_opt) = (9, 2);
                store.put_conversation(&dan).unwrap();
                store.put_conversation(&bob).unwrap();
                store.put_conversation(&eve).unwrap();
                assert_eq!(store.conversation(&bob.conv).unwrap(), Some(bob.clone()));
                assert_eq!(
                    store.total_unread().unwrap(),
                    2,
                    "what was deleted is not unread, what is not notified of not counted"
                );
                let mut unread = store.unread_conversations().unwrap();
                unread.sort_by(|one, other| one.conv.cmp(&other.conv));
                assert_eq!(unread, [bob.clone(), dan]);
                assert_eq!(store.grouped_conversations().unwrap(), [bob.clone()]);
                (bob.draft, bob.hidden_seq, bob.groups) = (None, None, Vec::new());
                store.put_conversation(&bob).unwrap();
                assert_eq!(store.conversation(&bob.conv).unwrap(), Some(bob));
                assert!(store.grouped_conversations().unwrap().is_empty());
            }

            #[test]
            fn a_time_finds_the_message_before_it() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let conv = ConvId::c2c("bob");
                for seq in [1, 2, 5] {
                    let row = suite_row("bob", &format!("m{seq}"), seq, 0);
                    store.insert_message(&row).unwrap();
                }
                store
                    .insert_message(&suite_row("bob", "waits", 5, 9))
                    .unwrap();
                for (time, seq) in [(0, 0), (1, 1), (4, 2), (5, 5), (99, 5)] {
                    let time = 1_700_000_000 + time;
                    assert_eq!(store.seq_at_time(&conv, time).unwrap(), seq);
                }
                assert_eq!(store.seq_at_time(&ConvId::c2c("eve"), u64::MAX).unwrap(), 0);
            }

            $crate::search_suite!($make);
        }
    };
}
