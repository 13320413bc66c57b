//! What a table holds, in a few bytes, whatever the order of its rows.

use sha2::{Digest, Sha256};

/// How many rows, and a sum of the hashes of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Rows.
    pub rows: u64,
    hash: u128,
}

impl Sum {
    /// Adds a row: its line in `COPY`'s text form, with the newline at its end.
    pub fn add(&mut self, line: &[u8]) {
        let digest = Sha256::digest(line);
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        self.rows += 1;
        self.hash = self.hash.wrapping_add(u128::from_be_bytes(half));
    }

    /// The sum of the hashes, as it is stored and shown.
    pub fn checksum(&self) -> String {
        format!("{:032x}", self.hash)
    }
}

/// Adds rows that come in pieces of any length.
#[derive(Default)]
pub struct Pieces {
    /// Of the whole rows so far.
    pub sum: Sum,
    rest: Vec<u8>,
}

impl Pieces {
    /// Takes the next piece.
    pub fn add(&mut self, piece: &[u8]) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.sum.add(&self.rest);
                self.rest.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_order_nor_pieces_matter_but_each_byte_does() {
        let sum = |lines: &[&str]| {
            let mut sum = Sum::default();
            lines.iter().for_each(|line| sum.add(line.as_bytes()));
            sum
        };
        let whole = sum(&["1\ta\n", "2\tb\n"]);
        assert_eq!(whole, sum(&["2\tb\n", "1\ta\n"]));
        assert_ne!(whole, sum(&["1\tb\n", "2\ta\n"]));
        assert_ne!(whole, sum(&["1\ta\n", "2\tb\n", "2\tb\n"]));
        let mut pieces = Pieces::default();
        for piece in ["1", "\ta\n2\t", "", "b\n"] {
            pieces.add(piece.as_bytes());
        }
        assert_eq!(pieces.sum, whole);
    }
}
