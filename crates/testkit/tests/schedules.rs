//! Interleavings of several nodes. `TIM_SCHEDULES=N` runs so many, `TIM_SCHEDULES_FROM=N` others
//! than the first, `TIM_SCHEDULE=N` one alone, with a trace of what happens.

use std::time::Instant;

use testkit::schedule::{Broken, Explorer, explore};

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={text}: a number is needed")))
}

fn give_up(broken: &Broken) -> ! {
    for line in &broken.trace {
        eprintln!("{line}");
    }
    panic!(
        "schedule {}: {}\nagain: TIM_SCHEDULE={} cargo test --package tim-testkit --test schedules",
        broken.seed, broken.what, broken.seed
    );
}

#[test]
fn promises_hold_however_nodes_interleave() {
    if let Some(seed) = number("TIM_SCHEDULE") {
        match Explorer::new().run(seed, true) {
            Ok(met) => println!("{met:?}"),
            Err(broken) => give_up(&broken),
        }
        return;
    }
    let first = number("TIM_SCHEDULES_FROM").unwrap_or(0);
    let begun = Instant::now();
    match explore(first, number("TIM_SCHEDULES").unwrap_or(3_000)) {
        Ok(met) => {
            let time = begun.elapsed();
            println!("{met:?} in {time:.1?}");
            // They were lives with everything in them.
            let all = met.schedules;
            let rare = [met.cuts, met.crashes, met.displaced, met.news];
            assert!(all < 1_000 || rare.iter().all(|n| *n > all / 10), "{met:?}");
        }
        Err(broken) => give_up(&broken),
    }
}

#[test]
fn a_schedule_is_the_same_again() {
    let explorer = Explorer::new();
    for seed in 0..50 {
        let once = explorer.run(seed, false).map_err(|broken| broken.what);
        let again = Explorer::new().run(seed, false);
        assert_eq!(once, again.map_err(|broken| broken.what), "schedule {seed}");
    }
}
