//! The suite that every repo must pass.
