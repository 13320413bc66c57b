//! Login tickets: garbage is refused, what was minted is accepted by its owner and nobody else.

use protocol::{limits, usersig};

use super::bytes::Bytes;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const APP: u64 = 1_400_000_001;

pub fn run(data: &[u8]) {
    garbage(data);
    minted(&mut Bytes(data));
}

/// Nobody who does not have the key can write a ticket, whatever is in it.
fn garbage(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(ticket) = usersig::read(text) {
        assert!(text.len() <= limits::TICKET_BYTES);
        let now = ticket.expires_at();
        assert!(!ticket.is_expired(now));
        let verified = ticket.verify("a key that nobody has", ticket.app_id, &ticket.user_id, now);
        verified.expect_err("a ticket made without the key");
    }
}

fn minted(bytes: &mut Bytes) {
    let (time, expire, at) = (bytes.number(), bytes.number(), bytes.number());
    let (place, change) = (bytes.number(), bytes.byte());
    let userbuf = bytes.flag().then(|| bytes.slice());
    let user = bytes.text();
    let text = usersig::mint(KEY, APP, &user, time, expire, userbuf);
    let ticket = usersig::read(&text).expect("what was minted can be read");
    assert_eq!((&ticket.user_id, ticket.app_id), (&user, APP));
    let is_late = at > time.saturating_add(expire);
    assert_eq!(ticket.is_expired(at), is_late);
    assert_eq!(ticket.verify(KEY, APP, &user, at).is_ok(), !is_late);
    let now = time;
    ticket.verify(KEY, APP, &user, now).expect("its owner");
    assert!(ticket.verify("another key", APP, &user, now).is_err());
    assert!(ticket.verify(KEY, APP + 1, &user, now).is_err());
    assert!(ticket.verify(KEY, APP, &format!("{user}x"), now).is_err());

    // With one byte changed it is refused, or it says the same as before.
    let mut changed = text.into_bytes();
    let place = usize::try_from(place).unwrap_or(0) % changed.len();
    changed[place] = change;
    let Ok(changed) = std::str::from_utf8(&changed) else {
        return;
    };
    if let Ok(other) = usersig::read(changed)
        && other.verify(KEY, APP, &user, now).is_ok()
    {
        assert_eq!(other, ticket, "a forged ticket was accepted");
    }
}
