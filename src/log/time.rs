//! UTC dates from milliseconds since 1970.

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Days since 1970.
pub(super) fn day_of(ms: u64) -> u64 {
    ms / DAY_MS
}

/// Its first moment.
pub(super) fn start_of(day: u64) -> u64 {
    day * DAY_MS
}

/// `2026-11-21T22:50:01.123Z`.
pub(super) fn write_time(out: &mut String, ms: u64) {
    let (year, month, day) = date(day_of(ms));
    let rest = ms % DAY_MS;
    let parts = [
        (year, 4, '-'),
        (month, 2, '-'),
        (day, 2, 'T'),
        (rest / 3_600_000, 2, ':'),
        (rest / 60_000 % 60, 2, ':'),
        (rest / 1000 % 60, 2, '.'),
        (rest % 1000, 3, 'Z'),
    ];
    // By hand: it stands in every line, and the formatter would be half of what a line costs.
    for (number, digits, end) in parts {
        for place in (0..digits).rev() {
            let digit = number / 10_u64.pow(place) % 10;
            out.push(char::from(b'0' + digit as u8));
        }
        out.push(end);
    }
}

/// `20261121`.
pub(super) fn compact(day: u64) -> String {
    let (year, month, day) = date(day);
    format!("{year:04}{month:02}{day:02}")
}

/// Year, month and day of a day since 1970, by the Gregorian calendar whose years begin in March:
/// leap days then come last and need no cases.
fn date(day: u64) -> (u64, u64, u64) {
    let shifted = day + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (11_016 * DAY_MS - 1, "2000-02-28T23:59:59.999Z"),
            (20_778 * DAY_MS + 82_201_123, "2026-11-21T22:50:01.123Z"),
        ] {
            let mut line = String::new();
            write_time(&mut line, ms);
            assert_eq!(line, text);
        }
    }

    #[test]
    fn dates() {
        for (days, text) in [
            (0, "19700101"),
            (59, "19700301"),
            (10_956, "19991231"),
            (11_016, "20000229"),
            (20_778, "20261121"),
        ] {
            assert_eq!(compact(days), text);
        }
    }
}
