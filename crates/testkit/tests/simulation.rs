//! Many seeds of a bad world. `TIM_SIM_SEEDS=N` runs more of them, `TIM_SIM_SEED=N` one alone.

use std::time::Duration;

use protocol::conversation::ConvId;
use protocol::message::{Content, Elem, GetMsgListParam, LocalCustom, TextElem};
use testkit::check::{self, UNCOUNTED};
use testkit::{Faults, World};
use tim_core::Command;

fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    if let Some(seed) = number("TIM_SIM_SEED") {
        return seed..seed + 1;
    }
    0..number("TIM_SIM_SEEDS").unwrap_or(default)
}

/// A message of its own id as text, which the checks know it by; `suffix` marks it for them.
fn message(
    world: &mut World,
    device: usize,
    conv: ConvId,
    suffix: &str,
    content: Content,
) -> Command {
    let msg_id = world.devices[device].new_message_id() + suffix;
    let text = TextElem {
        content: msg_id.clone(),
    };
    Command::Send {
        conv,
        msg_id,
        content: Content {
            elems: vec![Elem::Text(text)],
            ..content
        },
        local: LocalCustom::default(),
    }
}

/// Something that an app does.
fn act(world: &mut World, users: &[&str]) {
    let device = world.random.below(world.devices.len());
    let peer = (*world.random.pick(users)).to_owned();
    let conv = ConvId::c2c(peer);
    let command = match world.random.below(13) {
        10 => return world.login(device),
        11 => {
            world.call(device, Command::Logout);
            return world.login(device);
        }
        12 => {
            let mark = Content {
                online_only: true,
                ..Content::default()
            };
            message(world, device, conv, "", mark)
        }
        0..=5 => {
            let excluded_from_unread = world.random.chance(200);
            let suffix = if excluded_from_unread { UNCOUNTED } else { "" };
            let mark = Content {
                excluded_from_unread,
                ..Content::default()
            };
            message(world, device, conv, suffix, mark)
        }
        6 | 7 => Command::ReportRead(conv, None),
        8 => {
            let param = GetMsgListParam {
                is_ramble: true,
                count: 5,
                ..Default::default()
            };
            Command::GetMessages(conv, param)
        }
        _ => Command::GetConversations,
    };
    world.call(device, command);
}

fn run(seed: u64, faults: Faults) {
    let users = ["alice", "bob", "carol"];
    let mut world = World::new(seed);
    for user in users {
        world.add_device(user, 1);
    }
    // Everybody has registered before anybody writes.
    world.run(Duration::from_secs(5));
    world.add_device("alice", 2);
    world.faults = faults;
    for step in 0..60 {
        if step == 30 {
            // A new device takes a snapshot while the others go on.
            world.add_device("bob", 3);
        }
        act(&mut world, &users);
        let pause = world.random.number() % 2_000;
        world.run(Duration::from_millis(pause));
    }
    world.faults = Faults::NONE;
    // A login in the worst of it may have reached its deadline.
    world.run(Duration::from_secs(60));
    for device in 0..world.devices.len() {
        world.login(device);
    }
    // Back-offs end, heartbeats tell what was missed.
    world.run(Duration::from_secs(400));
    check::check(&mut world, seed);
}

#[test]
fn nothing_is_lost_in_a_good_world() {
    for seed in seeds(40) {
        run(seed, Faults::NONE);
    }
}

#[test]
fn nothing_is_lost_when_connections_are_cut_at_any_frame() {
    for seed in seeds(150) {
        run(
            seed,
            Faults {
                cut: 60,
                refuse: 100,
                delay_ms: 900,
                ..Faults::NONE
            },
        );
    }
}

#[test]
fn nothing_is_lost_when_processes_die_as_well() {
    for seed in seeds(150) {
        run(seed, Faults::BAD);
    }
}
