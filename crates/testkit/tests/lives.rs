//! Whole lives in bad worlds. `TIM_SIM_SEEDS=N` runs more of them, `TIM_SIM_SEED=N` one alone,
//! `TIM_SIM_TRACE=1` prints what happens.

use testkit::{Met, Program};

/// Steps of one program.
const LENGTH: usize = 150;

/// Whether waits before attempts to connect are random over all of their bound.
fn is_spread(met: &Met) -> bool {
    let waits = &met.waits;
    (40..=60).contains(&(waits.waited_ms * 100 / waits.bounds_ms.max(1)))
}

fn run(default: u64, nodes: usize, has_weather: bool) -> Met {
    let number = |name| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let seeds = match number("TIM_SIM_SEED") {
        Some(seed) => seed..seed + 1,
        // Several nodes take longer for each.
        None if nodes > 1 => 0..number("TIM_SIM_SEEDS").map_or(default, |seeds| seeds / 10),
        None => 0..number("TIM_SIM_SEEDS").unwrap_or(default),
    };
    let mut met = Met::default();
    for seed in seeds {
        met.add(&Program::random(seed, nodes, LENGTH, has_weather).must_hold());
    }
    println!("{met:?}");
    met
}

#[test]
fn promises_hold_in_a_good_world() {
    run(30, 1, false);
}

#[test]
fn promises_hold_in_bad_weather() {
    let met = run(100, 1, true);
    if met.steps < 10_000 {
        return;
    }
    // It was a life with everything in it.
    let counts = &met.counts;
    let rare = [
        counts.switches,
        counts.kicks,
        counts.expiries,
        counts.interrupted,
        counts.suspended,
    ];
    assert!(rare.iter().all(|count| *count > 20), "{met:?}");
    assert!(counts.messages > 500 && is_spread(&met), "{met:?}");
}

#[test]
fn promises_hold_on_several_nodes() {
    run(20, 2, false);
    run(40, 2, true);
    run(40, 3, true);
}

#[test]
fn a_seed_is_the_same_life_again() {
    let program = Program::random(7, 1, LENGTH, true);
    assert_eq!(program.run(), program.run());
    assert_ne!(Program::random(8, 1, LENGTH, true).run(), program.run());
}
