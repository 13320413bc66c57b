//! What a program is made of: things that apps, people, networks and servers do.

use std::time::Duration;

use protocol::conversation::ConvId;
use protocol::conversation::settings::{ConvChange, group_action};
use protocol::group::add_option;
use protocol::group::list::CreateGroupParam;
use protocol::message::{Content, Elem, GetMsgListParam, LocalCustom, MessageRef, TextElem};
use protocol::receive::{ReceiveAll, opt};
use protocol::user::profile::ProfileUpdate;
use protocol::usersig;
use tim_core::command::Modification;
use tim_core::{Command, Input};

use crate::check::UNCOUNTED;
use crate::world::{APP, KEY, World};
use crate::{Faults, Random};

pub const USERS: [&str; 3] = ["alice", "bob", "carol"];
/// The platforms of the devices. The first and the last are rivals: they kick each other.
pub const PLATFORMS: [i32; 4] = [1, 2, 3, 1];

/// A ticket that an app logs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ticket {
    Good,
    /// Good for a minute and a half.
    Short,
    /// It ran out a minute ago: only the server may say so.
    JustExpired,
    /// It ran out ten minutes ago: seen without asking.
    Expired,
    /// Signed with another key.
    Forged,
    Garbage,
    /// Of another user.
    Stolen,
}

impl Ticket {
    /// It can be seen without asking the server that this is none.
    pub fn is_hopeless(self) -> bool {
        matches!(self, Ticket::Expired | Ticket::Garbage | Ticket::Stolen)
    }
}

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Uncounted,
    OnlineOnly,
}

/// The one group that there may be.
pub(crate) const GROUP: &str = "all-of-us";

/// What somebody does to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Make,
    Join,
    Quit,
}

/// One step of a program.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Init {
        device: usize,
        is_polling: bool,
    },
    Uninit {
        device: usize,
    },
    Crash {
        device: usize,
    },
    CrashInTurn {
        device: usize,
    },
    Login {
        device: usize,
        user: &'static str,
        ticket: Ticket,
    },
    Logout {
        device: usize,
    },
    Send {
        device: usize,
        to: &'static str,
        kind: Kind,
    },
    Read {
        device: usize,
        peer: &'static str,
    },
    /// A message to the group.
    SendGroup {
        device: usize,
        kind: Kind,
    },
    ReadGroup {
        device: usize,
    },
    /// Its user makes, joins or leaves the group.
    Membership {
        device: usize,
        deed: Deed,
    },
    Look {
        device: usize,
        peer: &'static str,
    },
    /// The user's newest message to somebody, from this device, or one of those before.
    Revoke {
        device: usize,
        peer: &'static str,
        back: usize,
    },
    Modify {
        device: usize,
        peer: &'static str,
        seq: u64,
    },
    Delete {
        device: usize,
        peer: &'static str,
        seq: u64,
    },
    Clear {
        device: usize,
        peer: &'static str,
    },
    List {
        device: usize,
    },
    /// Pins, marks, gives a text to or deletes a conversation, or takes that back.
    SetConv {
        device: usize,
        peer: &'static str,
        what: usize,
    },
    /// Changes a group of conversations.
    SetGroup {
        device: usize,
        peer: &'static str,
        what: usize,
    },
    /// Sets a receive option.
    SetReceive {
        device: usize,
        peer: &'static str,
        opt: i32,
    },
    /// Sets the receive option for all.
    SetReceiveAll {
        device: usize,
    },
    SetProfile {
        device: usize,
    },
    GetProfiles {
        device: usize,
        force: bool,
    },
    SetStatus {
        device: usize,
    },
    GetStatus {
        device: usize,
    },
    Watch {
        device: usize,
        user: &'static str,
    },
    Unwatch {
        device: usize,
    },
    Hint {
        device: usize,
    },
    Suspend {
        device: usize,
    },
    Resume {
        device: usize,
    },
    Poll {
        device: usize,
        jobs: usize,
    },
    Cut {
        device: usize,
    },
    Weather(Faults),
    StopServer {
        retry_after_ms: u64,
        down_ms: u64,
    },
    CrashServer,
    /// A node loses its way to the database.
    CutDatabase {
        machine: usize,
        ms: u64,
    },
    /// A node loses its way to the others.
    Deafen {
        machine: usize,
        ms: u64,
    },
    Wait {
        ms: u64,
    },
}

impl Step {
    /// Something that happens: what people do most comes most.
    pub fn random(random: &mut Random, nodes: usize) -> Step {
        if nodes > 1 && random.chance(60) {
            let machine = random.below(nodes);
            let ms = random.number() % 60_000;
            return if random.chance(500) {
                Step::CutDatabase { machine, ms }
            } else {
                Step::Deafen { machine, ms }
            };
        }
        let device = random.below(PLATFORMS.len());
        let user = *random.pick(&USERS);
        // Everybody has a device that is mostly theirs.
        let mine = if random.chance(800) {
            USERS[device % USERS.len()]
        } else {
            user
        };
        let is_polling = random.chance(300);
        match random.below(172) {
            0..=4 => Step::Init { device, is_polling },
            5 => Step::Uninit { device },
            6 => Step::Crash { device },
            7 => Step::CrashInTurn { device },
            8..=17 => Step::Login {
                device,
                user: mine,
                ticket: Ticket::Good,
            },
            18..=19 => Step::Login {
                device,
                user: mine,
                ticket: Ticket::Short,
            },
            20 => {
                use Ticket::{Expired, Forged, Garbage, JustExpired, Stolen};
                let ticket = *random.pick(&[Expired, Forged, Garbage, JustExpired, Stolen]);
                Step::Login {
                    device,
                    user: mine,
                    ticket,
                }
            }
            21..=22 => Step::Logout { device },
            23..=52 => Step::Send {
                device,
                to: user,
                kind: Kind::Plain,
            },
            53..=55 => Step::Send {
                device,
                to: user,
                kind: Kind::Uncounted,
            },
            56..=57 => Step::Send {
                device,
                to: user,
                kind: Kind::OnlineOnly,
            },
            58..=65 => Step::Read { device, peer: user },
            66..=69 => Step::Look { device, peer: user },
            70 => Step::List { device },
            71..=74 => Step::SetProfile { device },
            75..=77 => Step::GetProfiles {
                device,
                force: random.chance(300),
            },
            78 => Step::SetStatus { device },
            79 => Step::GetStatus { device },
            80 => Step::Watch { device, user },
            81 => Step::Unwatch { device },
            82..=83 => Step::Hint { device },
            84..=93 => Step::Poll {
                device,
                jobs: 1 + random.below(40),
            },
            94..=96 => Step::Cut { device },
            97 => {
                let (calm, bad) = (Faults::NONE, Faults::BAD);
                let cut = Faults {
                    restart: 0,
                    die: 0,
                    ..bad
                };
                Step::Weather(*random.pick(&[calm, calm, cut, bad]))
            }
            98 if random.chance(500) => Step::StopServer {
                retry_after_ms: random.number() % 5_000,
                down_ms: random.number() % 20_000,
            },
            98 => Step::CrashServer,
            99 => Step::Wait {
                ms: random.number() % 600_000,
            },
            100..=104 => Step::Wait {
                ms: random.number() % 60_000,
            },
            105..=106 => Step::Suspend { device },
            107..=110 => Step::Resume { device },
            111..=115 => Step::Revoke {
                device,
                peer: user,
                back: random.below(3),
            },
            116..=120 => Step::Modify {
                device,
                peer: user,
                seq: 1 + random.number() % 20,
            },
            121..=124 => Step::Delete {
                device,
                peer: user,
                seq: 1 + random.number() % 20,
            },
            125 => Step::Clear { device, peer: user },
            126..=131 => Step::SetConv {
                device,
                peer: user,
                what: random.below(7),
            },
            132..=134 => Step::SetGroup {
                device,
                peer: user,
                what: random.below(7),
            },
            135..=138 => Step::SetReceive {
                device,
                peer: user,
                opt: *random.pick(&[0, 0, 0, 1, 2, 2, 3, 3]),
            },
            139 => Step::SetReceiveAll { device },
            140..=147 => Step::SendGroup {
                device,
                kind: *random.pick(&[Kind::Plain, Kind::Plain, Kind::Uncounted]),
            },
            148..=149 => Step::ReadGroup { device },
            150..=155 => Step::Membership {
                device,
                deed: *random.pick(&[Deed::Make, Deed::Join, Deed::Join, Deed::Quit]),
            },
            _ => Step::Wait {
                ms: random.number() % 2_000,
            },
        }
    }
}

fn at(seq: u64) -> MessageRef {
    let msg_id = String::new();
    MessageRef { msg_id, seq }
}

impl World {
    /// Does a step.
    pub fn act(&mut self, step: &Step) {
        match *step {
            Step::Init { device, is_polling } => self.init(device, is_polling),
            Step::Uninit { device } => self.uninit(device),
            Step::Crash { device } => self.kill(device),
            Step::CrashInTurn { device } => {
                self.devices[device].is_dying = self.devices[device].is_on()
            }
            Step::Login {
                device,
                user,
                ticket,
            } => self.log_in(device, user, ticket),
            Step::Logout { device } => self.call(device, Command::Logout),
            Step::Send { device, to, kind } => self.send(device, to, kind),
            Step::Hint { device } => self.hint(device),
            Step::Suspend { device } => self.control(device, Input::Suspend),
            Step::Resume { device } => self.control(device, Input::Resume),
            Step::Poll { device, jobs } => self.devices[device].app.poll(jobs),
            Step::Cut { device } => self.cut_device(device),
            Step::Weather(faults) => self.faults = faults,
            Step::StopServer {
                retry_after_ms,
                down_ms,
            } => self.stop_server(retry_after_ms, down_ms),
            Step::CrashServer => self.restart_server(),
            Step::CutDatabase { machine, ms } => {
                self.cut_database(machine, Duration::from_millis(ms));
            }
            Step::Deafen { machine, ms } => {
                self.deafen(machine, Duration::from_millis(ms));
            }
            Step::Wait { ms } => self.run_ms(ms),
            Step::Read { device, peer } => {
                self.call(device, Command::ReportRead(ConvId::c2c(peer), None));
            }
            Step::SendGroup { device, kind } => self.send_to(device, ConvId::group(GROUP), kind),
            Step::ReadGroup { device } => {
                self.call(device, Command::ReportRead(ConvId::group(GROUP), None));
            }
            Step::Membership { device, deed } => {
                let command = match deed {
                    Deed::Make => Command::CreateGroup(Box::new(CreateGroupParam {
                        name: "all".into(),
                        group_id: GROUP.into(),
                        add_option: Some(add_option::ANY),
                        ..CreateGroupParam::default()
                    })),
                    Deed::Join => Command::JoinGroup(GROUP.into()),
                    Deed::Quit => Command::QuitGroup(GROUP.into()),
                };
                self.call(device, command);
            }
            Step::Look { device, peer } => {
                let param = GetMsgListParam {
                    is_ramble: true,
                    count: 5,
                    ..Default::default()
                };
                self.call(device, Command::GetMessages(ConvId::c2c(peer), param));
            }
            Step::Revoke { device, peer, back } => self.revoke(device, peer, back),
            Step::Modify { device, peer, seq } => {
                let content = format!("the {}th", self.new_number());
                let modification = Modification {
                    conv: ConvId::c2c(peer),
                    message: at(seq),
                    rev: None,
                    elems: vec![Elem::Text(TextElem { content })],
                    cloud_custom: String::new(),
                };
                self.call(device, Command::Modify(Box::new(modification)));
            }
            Step::Delete { device, peer, seq } => {
                let command = Command::Delete {
                    conv: ConvId::c2c(peer),
                    messages: vec![at(seq), at(seq + 1)],
                    is_everywhere: true,
                };
                self.call(device, command);
            }
            Step::Clear { device, peer } => {
                self.call(device, Command::ClearHistory(ConvId::c2c(peer)));
            }
            Step::List { device } => self.call(device, Command::GetConversations),
            Step::SetConv { device, peer, what } => {
                let change = ConvChange::default();
                let change = match what {
                    0 | 1 => ConvChange {
                        pin: Some(what == 0),
                        ..change
                    },
                    2 => ConvChange {
                        mark: vec![0, 63],
                        ..change
                    },
                    3 => ConvChange {
                        unmark: vec![0],
                        ..change
                    },
                    4 => ConvChange {
                        custom_data: Some(format!("text {}", self.new_number())),
                        ..change
                    },
                    _ => ConvChange {
                        delete: true,
                        clear: self.random.chance(500),
                        ..change
                    },
                };
                let named = vec![format!("c2c_{peer}")];
                self.call(device, Command::SetConversations(named, change));
            }
            Step::SetGroup { device, peer, what } => {
                use group_action::{ADD, CREATE, DELETE, REMOVE, RENAME};
                let action = [CREATE, CREATE, ADD, ADD, REMOVE, RENAME, DELETE][what];
                let names = ["one", "two"];
                let has_convs = action != RENAME && action != DELETE;
                let command = Command::ChangeConvGroup {
                    action,
                    name: names[self.random.below(2)].into(),
                    new_name: names[self.random.below(2)].into(),
                    convs: has_convs.then(|| vec![format!("c2c_{peer}")]),
                };
                self.call(device, command);
            }
            Step::SetReceive { device, peer, opt } => {
                let user = self.devices[device].app.sender();
                if opt == opt::NOT_RECEIVE {
                    // In doubt, of whoever it may be.
                    let users =
                        user.map_or_else(|| USERS.map(String::from).to_vec(), |user| vec![user]);
                    self.unwanted
                        .extend(users.into_iter().map(|user| (user, peer)));
                }
                self.call(device, Command::SetReceiveOpt(vec![peer.into()], opt));
            }
            Step::SetReceiveAll { device } => {
                let all = ReceiveAll {
                    duration: self.new_number() as u32,
                    opt: opt::NOT_NOTIFY,
                    ..ReceiveAll::default()
                };
                self.call(device, Command::SetReceiveAll(all));
            }
            Step::SetProfile { device } => {
                let nick_name = Some(format!("the {}th", self.new_number()));
                let update = ProfileUpdate {
                    nick_name,
                    ..ProfileUpdate::default()
                };
                self.call(device, Command::SetProfile(Box::new(update)));
            }
            Step::GetProfiles { device, force } => {
                let users = USERS.map(str::to_owned).to_vec();
                self.call(device, Command::GetProfiles { users, force });
            }
            Step::SetStatus { device } => {
                let text = format!("busy {}", self.new_number());
                self.call(device, Command::SetSelfStatus(text));
            }
            Step::GetStatus { device } => {
                let users = USERS.map(str::to_owned).to_vec();
                self.call(device, Command::GetUserStatus(users));
            }
            Step::Watch { device, user } => {
                self.call(device, Command::SubscribeUserStatus(vec![user.into()]));
                self.call(device, Command::SubscribeUserInfo(vec![user.into()]));
            }
            Step::Unwatch { device } => {
                self.call(device, Command::UnsubscribeUserStatus(Vec::new()));
                self.call(device, Command::UnsubscribeUserInfo(Vec::new()));
            }
        }
    }

    pub(crate) fn log_in(&mut self, device: usize, user: &str, ticket: Ticket) {
        let now = self.now().unix_ms / 1000;
        let mint = |key, user, since, time| usersig::mint(key, APP, user, since, time, None);
        let user_sig = match ticket {
            Ticket::Good => mint(KEY, user, now, 86_400),
            Ticket::Short => mint(KEY, user, now, 90),
            Ticket::JustExpired => mint(KEY, user, now - 100, 40),
            Ticket::Expired => mint(KEY, user, now - 1000, 400),
            Ticket::Forged => mint("another key", user, now, 86_400),
            Ticket::Garbage => "garbage".into(),
            Ticket::Stolen => mint(KEY, "somebody", now, 86_400),
        };
        let command = Command::Login {
            user_id: user.into(),
            user_sig,
        };
        let now = self.now();
        let wishes = self.devices[device].call(now, command, ticket);
        self.carry_out(device, wishes);
    }

    fn revoke(&mut self, device: usize, peer: &str, back: usize) {
        let Some(from) = self.devices[device].app.sender() else {
            return;
        };
        let accepted = self.devices[device].app.of(&from).accepted.iter().rev();
        let mut sent = accepted.filter(|(to, _)| to == peer);
        let Some((_, msg_id)) = sent.nth(back) else {
            return;
        };
        let message = MessageRef {
            msg_id: msg_id.clone(),
            seq: 0,
        };
        self.call(device, Command::Revoke(ConvId::c2c(peer), message));
    }

    fn send(&mut self, device: usize, to: &str, kind: Kind) {
        self.send_to(device, ConvId::c2c(to), kind);
    }

    fn send_to(&mut self, device: usize, conv: ConvId, kind: Kind) {
        let Some(from) = self.devices[device].app.sender() else {
            return;
        };
        let mut msg_id = self.devices[device].new_message_id(&from, &conv.id);
        if kind == Kind::Uncounted {
            msg_id += UNCOUNTED;
        }
        let text = TextElem {
            content: msg_id.clone(),
        };
        let command = Command::Send {
            conv,
            msg_id,
            content: Content {
                elems: vec![Elem::Text(text)],
                excluded_from_unread: kind == Kind::Uncounted,
                online_only: kind == Kind::OnlineOnly,
                ..Content::default()
            },
            local: LocalCustom::default(),
        };
        self.call(device, command);
    }
}
