//! `make simulate`: days of many users on many nodes, and what grows with what. Ends with 1 when
//! something grows faster than the arithmetic beside it says. Arguments: users:nodes, several.

use std::alloc::System;
use std::process::ExitCode;
use std::time::Instant;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use testkit::scale::{self, Size, report};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// SQLite has a heap of its own, so this is that of the nodes.
fn memory() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}

const SIZES: [&str; 5] = ["1000:2", "1000:5", "1000:20", "10000:20", "100000:20"];

fn size(text: &str) -> Result<Size, String> {
    let (users, nodes) = text.split_once(':').unwrap_or((text, "20"));
    let number = |n: &str| n.parse().ok().filter(|n| *n > 0);
    match (number(users), number(nodes)) {
        (Some(users), Some(nodes)) if users >= 10 && nodes >= 2 => Ok(Size { users, nodes }),
        _ => Err(format!(
            "{text}: write users:nodes, 10 users and 2 nodes at least"
        )),
    }
}

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if words.is_empty() {
        words = SIZES.map(str::to_owned).to_vec();
    }
    let sizes: Result<Vec<Size>, String> = words.iter().map(|word| size(word)).collect();
    let sizes = match sizes {
        Ok(sizes) => sizes,
        Err(error) => {
            eprintln!("simulate: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut reports = Vec::new();
    for size in sizes {
        let begun = Instant::now();
        let report = scale::run(size, memory);
        print!("{}", report::details(&report));
        println!("  in all {:.0} s\n", begun.elapsed().as_secs_f64());
        reports.push(report);
    }
    let (table, wrong) = report::compare(&reports);
    print!("{table}");
    for line in &wrong {
        println!("GROWS {line}");
    }
    if wrong.is_empty() {
        println!("Nothing grows faster than it may.");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
