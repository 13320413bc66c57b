//! Groups: coming, going, messages, marks.

use protocol::codes;
use protocol::group::{GroupHead, add_option, group_type, member_result, role};
use timd::repo::{
    Alteration, ChangeMessage, Changed, GroupAct, GroupBody, GroupDeed, GroupDone, GroupMessage,
    GroupMoved, GroupSent, MembersQuery, NewGroup,
};

use super::*;

fn new_group(owner: &Account, group_id: &str, kind: i32, members: &[&str]) -> NewGroup {
    NewGroup {
        conv: group_id
            .bytes()
            .fold(kind.into(), |id, b| id * 131 + i64::from(b)),
        app_id: APP,
        owner: owner.id,
        owner_id: owner.user_id.clone(),
        group_id: group_id.into(),
        kind,
        body: GroupBody {
            name: "Friends".into(),
            add_option: add_option::ANY,
            approve_option: add_option::ANY,
            max_members: 3,
            ..GroupBody::default()
        },
        members: members.iter().map(|name| (*name).to_owned()).collect(),
        groups_of_user: 2,
        now_ms: 5_000,
    }
}

async fn create(repo: &impl Repo, new: NewGroup) -> GroupMoved {
    done(repo.create_group(new).await.unwrap())
}

fn done(done: GroupDone) -> GroupMoved {
    match done {
        GroupDone::Done(moved) => moved,
        GroupDone::Refused(code) => panic!("refused with {code}"),
    }
}

async fn act(repo: &impl Repo, who: &Account, group_id: &str, what: GroupDeed) -> GroupDone {
    let act = GroupAct {
        app_id: APP,
        account: who.id,
        user_id: who.user_id.clone(),
        group_id: group_id.into(),
        what,
        groups_of_user: 2,
        now_ms: 9_000,
    };
    repo.act_on_group(act).await.unwrap()
}

fn invite(users: &[&str]) -> GroupDeed {
    GroupDeed::Invite(users.iter().map(|name| (*name).to_owned()).collect())
}

async fn write(repo: &impl Repo, who: &Account, msg_id: &str, countable: bool) -> GroupSent {
    let message = GroupMessage {
        app_id: APP,
        sender: who.id,
        group_id: "g".into(),
        msg_id: msg_id.into(),
        now_ms: 100_000,
        content: format!("{{\"n\":\"{msg_id}\"}}"),
        countable,
        may_be_last: true,
    };
    repo.send_to_group(message).await.unwrap()
}

fn in_group(account: &Account, from: u64, to: u64) -> HistoryQuery {
    HistoryQuery {
        conv: ConvId::group("g"),
        ..query(account, "", from, to)
    }
}

fn read_group(reader: &Account, seq: u64) -> MarkRead {
    MarkRead {
        conv: ConvId::group("g"),
        ..read(reader, "", seq)
    }
}

async fn roles(repo: &impl Repo, who: &Account) -> Vec<(String, i32)> {
    let query = MembersQuery {
        app_id: APP,
        account: who.id,
        group_id: "g".into(),
        roles: Vec::new(),
        users: Vec::new(),
        after: 0,
        limit: 100,
    };
    let page = repo.members(query).await.unwrap().unwrap();
    let mut members: Vec<_> = page.rows.into_iter().map(|m| (m.user, m.role)).collect();
    members.sort();
    members
}

pub async fn groups(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    let carol = user(&repo, APP, "carol").await;
    let names = ["bob", "nobody", "bob"];
    let moved = create(&repo, new_group(&alice, "g", group_type::WORK, &names)).await;
    let conv = moved.conv;
    assert_eq!(
        moved.results,
        [
            member_result::DONE,
            member_result::FAIL,
            member_result::INCLUDED
        ]
    );
    let tip = moved.tip.unwrap();
    assert_eq!((tip.seq, &*tip.sender), (1, "@TIM#SYSTEM"));
    assert!(
        tip.content
            .contains(r#""group_tips_elem_user_array":["bob"]"#),
        "{}",
        tip.content
    );
    let told: Vec<_> = moved.members.iter().map(|m| (m.account, m.event)).collect();
    assert_eq!(told, [(alice.id, 1), (bob.id, 1)]);
    let view = moved.members[1].view.as_ref().unwrap();
    let group = view.group.as_ref().unwrap();
    assert_eq!(
        (&*group.info.name, &*group.info.owner),
        ("Friends", "alice")
    );
    assert_eq!((group.info.members, group.me.role), (2, role::MEMBER));
    assert_eq!((view.head_seq, view.peer_ord), (1, 0));
    assert_eq!(view.last.as_ref().unwrap().seq, 1);
    assert_eq!(
        roles(&repo, &bob).await,
        [("alice".to_owned(), 400), ("bob".to_owned(), 200)]
    );
    // What is told later, and to a new device, is the same.
    let missed = repo.difference(bob.id, 0, 9, MUCH).await.unwrap();
    let [event] = &missed.events[..] else {
        panic!("{missed:?}")
    };
    assert_eq!(event.conv, Some(ConvId::group("g")));
    assert_eq!(event.what, EventKind::Membership(Some(view.clone())));
    let page = repo.snapshot(bob.id, 0, 9, MUCH).await.unwrap();
    assert_eq!(page.conversations, [(**view).clone()]);
    let joined = repo.joined_groups(bob.id, 0).await.unwrap();
    assert_eq!(joined.rows, [(**group).clone()]);
    assert_eq!(joined.next, None);

    // Nobody walks into a Work group; who is outside brings nobody in.
    let refused = GroupDone::Refused(codes::SVR_GROUP_PERMISSION_DENY);
    assert_eq!(act(&repo, &carol, "g", GroupDeed::Join).await, refused);
    assert_eq!(act(&repo, &carol, "g", invite(&["carol"])).await, refused);
    let missing = GroupDone::Refused(codes::SVR_GROUP_NOT_FOUND);
    assert_eq!(act(&repo, &carol, "x", GroupDeed::Join).await, missing);
    let moved = done(act(&repo, &bob, "g", invite(&["carol", "alice"])).await);
    assert_eq!(
        moved.results,
        [member_result::DONE, member_result::INCLUDED]
    );
    assert_eq!(moved.tip.unwrap().seq, 2);
    // What was written before is not there for who comes later.
    assert_eq!(seqs(&repo, in_group(&carol, 1, 9)).await, (vec![2], false));
    assert_eq!(seqs(&repo, in_group(&bob, 1, 9)).await, (vec![1, 2], false));

    // The owner of a Work group may go; then it has none.
    let moved = done(act(&repo, &alice, "g", GroupDeed::Quit).await);
    assert_eq!((moved.members[0].event, &moved.members[0].view), (2, &None));
    assert_eq!(seqs(&repo, in_group(&alice, 1, 9)).await, (vec![], false));
    assert_eq!(
        write(&repo, &alice, "late", true).await,
        GroupSent::Refused(10007)
    );
    let page = repo.snapshot(alice.id, 0, 9, MUCH).await.unwrap();
    assert_eq!(page.conversations, []);
    let missed = repo.difference(alice.id, 1, 9, MUCH).await.unwrap();
    assert_eq!(missed.events[0].what, EventKind::Membership(None));
    let page = repo.snapshot(carol.id, 0, 9, MUCH).await.unwrap();
    let group = page.conversations[0].group.as_ref().unwrap();
    assert_eq!((&*group.info.owner, group.info.members), ("", 2));
    assert_eq!(act(&repo, &bob, "g", GroupDeed::Delete).await, refused);
    // With the last one it ends. Its name is not given again.
    done(act(&repo, &bob, "g", GroupDeed::Quit).await);
    done(act(&repo, &carol, "g", GroupDeed::Quit).await);
    assert_eq!(act(&repo, &bob, "g", GroupDeed::Quit).await, missing);
    let again = NewGroup {
        conv: conv + 1,
        ..new_group(&bob, "g", group_type::PUBLIC, &[])
    };
    let taken = GroupDone::Refused(codes::SVR_GROUP_GROUPID_IN_USED);
    assert_eq!(repo.create_group(again).await.unwrap(), taken);
}

pub async fn group_messages(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    let new = new_group(&alice, "g", group_type::PUBLIC, &["bob"]);
    let conv = create(&repo, new).await.conv;
    let new = |seq, ord| GroupSent::New { conv, seq, ord };
    assert_eq!(write(&repo, &bob, "1", true).await, new(2, 1));
    assert_eq!(write(&repo, &alice, "2", false).await, new(3, 1));
    assert_eq!(write(&repo, &alice, "3", true).await, new(4, 2));
    let first = GroupSent::Repeat { seq: 2, time: 100 };
    assert_eq!(write(&repo, &bob, "1", true).await, first);
    let page = repo.history(in_group(&alice, 2, 9)).await.unwrap();
    let found: Vec<_> = page
        .messages
        .iter()
        .map(|m| (m.seq, &*m.sender, m.mine, m.ord))
        .collect();
    assert_eq!(
        found,
        [
            (2, "bob", false, 1),
            (3, "alice", true, 1),
            (4, "alice", true, 2)
        ]
    );
    // A message costs no row but its own, however many members there are.
    assert_eq!(repo.difference(bob.id, 0, 9, MUCH).await.unwrap().head, 1);

    // Their own is taken back by anybody, that of others by who runs the group; tips stay.
    let change = |who: &Account, seq, what| ChangeMessage {
        app_id: APP,
        account: who.id,
        conv: ConvId::group("g"),
        seq,
        content: "{}".into(),
        what,
        now_ms: 200_000,
    };
    let by = || Alteration::Revoke("{\"by\":\"x\"}".into());
    let denied = repo.change_message(change(&bob, 4, by())).await.unwrap();
    assert_eq!(denied, Changed::Denied);
    let denied = repo.change_message(change(&alice, 1, by())).await.unwrap();
    assert_eq!(denied, Changed::Denied);
    let Changed::InGroup { conv: at, message } =
        repo.change_message(change(&alice, 2, by())).await.unwrap()
    else {
        panic!("the owner may")
    };
    assert_eq!(
        (at, message.seq, message.rev, &*message.sender),
        (conv, 2, 1, "bob")
    );
    let modified = change(&bob, 4, Alteration::Modify(0));
    let changed = repo.change_message(modified.clone()).await.unwrap();
    assert!(matches!(changed, Changed::InGroup { .. }), "{changed:?}");
    let same = repo.change_message(modified).await.unwrap();
    assert!(matches!(same, Changed::Same(_)), "{same:?}");

    // What moved while somebody was away.
    let heads = repo.group_heads(bob.id, 0, 200_000).await.unwrap();
    let head = GroupHead {
        group_id: "g".into(),
        head_seq: 4,
        rev: 2,
        info_seq: 0,
        gone: false,
    };
    assert_eq!(heads.rows, std::slice::from_ref(&head));
    let none = repo.group_heads(bob.id, 0, 200_001).await.unwrap();
    assert_eq!(none.rows, []);
    done(act(&repo, &alice, "g", GroupDeed::Delete).await);
    let gone = repo.group_heads(bob.id, 0, 0).await.unwrap();
    assert_eq!(gone.rows, [GroupHead { gone: true, ..head }]);
    assert_eq!(repo.joined_groups(bob.id, 0).await.unwrap().rows, []);
    let page = repo.snapshot(bob.id, 0, 9, MUCH).await.unwrap();
    assert_eq!(page.conversations, []);
    assert_eq!(
        write(&repo, &bob, "9", true).await,
        GroupSent::Refused(10010)
    );
}

/// Any order of messages and marks: unread is what others have written since.
pub async fn group_reads(repo: impl Repo) {
    let names = ["alice", "bob", "carol"];
    let mut users = Vec::new();
    for name in names {
        users.push(user(&repo, APP, name).await);
    }
    let new = new_group(&users[0], "g", group_type::PUBLIC, &names[1..]);
    create(&repo, new).await;
    // The tip is message 1, and nobody's.
    let mut log: Vec<(usize, bool)> = vec![(9, false)];
    let mut marks = [(0_u64, 0_u64); 3];
    let mut dice = 12_345_u64;
    for n in 0..300 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let roll = (dice >> 33) as usize;
        let who = roll % 3;
        if !(roll / 3).is_multiple_of(4) {
            let counts = !(roll / 12).is_multiple_of(4);
            write(&repo, &users[who], &n.to_string(), counts).await;
            log.push((who, counts));
            continue;
        }
        let seq = (roll / 12 % (log.len() + 2)) as u64;
        let marked = repo.mark_read(read_group(&users[who], seq)).await.unwrap();
        let read_seq = marks[who].0.max(seq.min(log.len() as u64));
        let others = log[..read_seq as usize]
            .iter()
            .filter(|(sender, counts)| *sender != who && *counts)
            .count();
        let marked = marked.unwrap();
        assert_eq!(
            (marked.read_seq, marked.read_ord),
            (read_seq, others as u64),
            "step {n}"
        );
        assert_eq!(
            marked.moved.is_some(),
            (read_seq, others as u64) != marks[who]
        );
        marks[who] = (read_seq, others as u64);
    }
    for (me, user) in users.iter().enumerate() {
        let page = repo.snapshot(user.id, 0, 9, MUCH).await.unwrap();
        let view = &page.conversations[0];
        let others = log.iter().filter(|(who, counts)| *who != me && *counts);
        assert_eq!(view.peer_ord, others.count() as u64);
        assert_eq!((view.read_seq, view.read_ord), marks[me]);
        assert_eq!(view.head_seq, log.len() as u64);
    }
    let outsider = user(&repo, APP, "dave").await;
    assert_eq!(
        repo.mark_read(read_group(&outsider, 1)).await.unwrap(),
        None
    );
}

pub async fn group_limits(repo: impl Repo) {
    let alice = user(&repo, APP, "alice").await;
    let bob = user(&repo, APP, "bob").await;
    for name in ["carol", "dave", "erin"] {
        user(&repo, APP, name).await;
    }
    let refused = |code| GroupDone::Refused(code);
    let many = new_group(&alice, "g", group_type::MEETING, &["bob", "carol", "dave"]);
    let done_with = repo.create_group(many).await.unwrap();
    assert_eq!(done_with, refused(codes::SVR_GROUP_MEMBER_COUNT_LIMIT));
    let moved = create(&repo, new_group(&alice, "g", group_type::MEETING, &["bob"])).await;
    // Who comes to a meeting makes no noise.
    assert_eq!(moved.tip, None);
    let taken = |who| repo.create_group(new_group(who, "g", group_type::PUBLIC, &[]));
    let code = codes::SVR_GROUP_GROUPID_IN_USED_FOR_SUPER;
    assert_eq!(taken(&alice).await.unwrap(), refused(code));
    let code = codes::SVR_GROUP_GROUPID_IN_USED;
    assert_eq!(taken(&bob).await.unwrap(), refused(code));
    assert_eq!(
        act(&repo, &bob, "g", GroupDeed::Join).await,
        refused(codes::SVR_GROUP_ALLREADY_MEMBER)
    );
    assert_eq!(
        act(&repo, &alice, "g", GroupDeed::Quit).await,
        refused(codes::SVR_GROUP_SUPER_NOT_ALLOW_QUIT)
    );
    assert_eq!(
        act(&repo, &bob, "g", GroupDeed::Delete).await,
        refused(codes::SVR_GROUP_PERMISSION_DENY)
    );
    let full = refused(codes::SVR_GROUP_FULL_MEMBER_COUNT);
    assert_eq!(
        act(&repo, &bob, "g", invite(&["carol", "dave"])).await,
        full
    );
    let carol = user(&repo, APP, "carol").await;
    done(act(&repo, &carol, "g", GroupDeed::Join).await);
    let dave = user(&repo, APP, "dave").await;
    assert_eq!(act(&repo, &dave, "g", GroupDeed::Join).await, full);
    // Two groups are what a user may be in here.
    create(&repo, new_group(&alice, "h", group_type::PUBLIC, &[])).await;
    let third = repo
        .create_group(new_group(&alice, "i", group_type::PUBLIC, &[]))
        .await;
    assert_eq!(third.unwrap(), refused(codes::SVR_GROUP_COUNT_LIMIT));
    let moved = create(
        &repo,
        new_group(&dave, "i", group_type::PUBLIC, &["alice", "erin"]),
    )
    .await;
    assert_eq!(moved.results, [member_result::FAIL, member_result::DONE]);
}
