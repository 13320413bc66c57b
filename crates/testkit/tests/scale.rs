//! A small day of many users; `make simulate` has large ones.

use testkit::scale::{Size, report, run};

#[test]
fn nothing_grows_faster_than_the_arithmetic_says() {
    let days = [(400, 5), (1_500, 5)];
    // The heap is that of the program, which `make simulate` looks at.
    let reports = days.map(|(users, nodes)| run(Size { users, nodes }, || 0));
    let (table, wrong) = report::compare(&reports);
    assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n"));
    let message = &reports[1].parts.iter().find(|part| part.name == "message");
    let operations = &message.expect("it was written").tally.operations;
    assert!(operations["send_message"].0 == 1_500, "{operations:?}");
}
