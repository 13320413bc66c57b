//! Reads what a target needs from the fuzzer's bytes; when they are used up there are zeros.

pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&byte, rest)) => {
                self.0 = rest;
                byte
            }
            None => 0,
        }
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// One of the values.
    pub fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }

    /// Small numbers mostly, and those at which arithmetic breaks.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=199 => u64::from(small),
            200 => u64::MAX,
            201 => u64::MAX - 1,
            202 => i64::MAX as u64,
            203 => i64::MAX as u64 + 1,
            204 => u64::from(u32::MAX),
            205 => u64::from(u32::MAX) + 1,
            206 => 1 << 53,
            _ => u64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }

    /// At most 255 bytes, with their number before them.
    pub fn slice(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (slice, rest) = self.0.split_at(length);
        self.0 = rest;
        slice
    }

    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.slice()).into_owned()
    }
}
