//! How many logins a second a node takes on: when everybody comes at once, as after a restart,
//! those beyond that are told when to come back, each at a moment of its own.

use std::collections::VecDeque;

/// The logins of the last second, and the moments given to those that have to come back.
#[derive(Default)]
pub(super) struct Admission {
    admitted_ms: VecDeque<u64>,
    next_us: u64,
}

/// The time between two logins at this rate, in microseconds; 0 when there is no limit.
pub(super) fn spacing_us(per_second: u32) -> u64 {
    1_000_000_u64.checked_div(per_second.into()).unwrap_or(0)
}

impl Admission {
    /// Lets a login in, or says how many milliseconds it has to wait. 0 a second: no limit.
    pub fn admit(&mut self, now_ms: u64, per_second: u32) -> Result<(), u64> {
        if per_second == 0 {
            return Ok(());
        }
        while self
            .admitted_ms
            .front()
            .is_some_and(|at| at + 1000 <= now_ms)
        {
            self.admitted_ms.pop_front();
        }
        if self.admitted_ms.len() < per_second as usize {
            self.admitted_ms.push_back(now_ms);
            return Ok(());
        }
        let free_ms = self.admitted_ms.front().map_or(now_ms, |at| at + 1000);
        let at_us = self.next_us.max(free_ms * 1000);
        self.next_us = at_us + spacing_us(per_second);
        Err((at_us / 1000).saturating_sub(now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_so_many_in_any_second() {
        let mut admission = Admission::default();
        for n in 0..10 {
            assert_eq!(admission.admit(n, 10), Ok(()));
        }
        // Those beyond come one after the other, once there is room.
        let waits: Vec<_> = (0..3)
            .map(|_| admission.admit(10, 10).unwrap_err())
            .collect();
        assert_eq!(waits, [990, 1090, 1190]);
        assert_eq!(admission.admit(999, 10), Err(301));
        assert_eq!(admission.admit(1000, 10), Ok(()));
        assert_eq!(admission.admit(1000, 10), Err(400));
        assert_eq!(admission.admit(9000, 0), Ok(()));
    }
}
