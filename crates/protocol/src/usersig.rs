//! Login tickets (UserSig, version 2): minting, reading, checking.
//!
//! A ticket is a JSON object, compressed with zlib, in base64 with `+/=` written as `*-_`. Its
//! signature is an HMAC-SHA256, with the app's key as text, over the members in a fixed order.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, Mac};
use miniz_oxide::{deflate::compress_to_vec_zlib, inflate::decompress_to_vec_zlib_with_limit};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{Error, codes, limits};

/// A ticket's content. Reading one proves nothing: see [`Ticket::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    #[serde(rename = "TLS.ver")]
    version: String,
    /// The user.
    #[serde(rename = "TLS.identifier")]
    pub user_id: String,
    /// The app.
    #[serde(rename = "TLS.sdkappid")]
    pub app_id: u64,
    /// Issued at, seconds since 1970.
    #[serde(rename = "TLS.time")]
    pub time: u64,
    /// Valid for so many seconds; the last one still counts.
    #[serde(rename = "TLS.expire")]
    pub expire: u64,
    /// Privilege buffer, base64.
    #[serde(
        rename = "TLS.userbuf",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    userbuf: Option<String>,
    #[serde(rename = "TLS.sig")]
    sig: String,
}

/// Makes a ticket. `userbuf` is the optional privilege buffer.
pub fn mint(
    key: &str,
    app_id: u64,
    user_id: &str,
    time: u64,
    expire: u64,
    userbuf: Option<&[u8]>,
) -> String {
    let mut ticket = Ticket {
        version: "2.0".into(),
        user_id: user_id.into(),
        app_id,
        time,
        expire,
        userbuf: userbuf.map(|bytes| BASE64.encode(bytes)),
        sig: String::new(),
    };
    ticket.sig = BASE64.encode(ticket.mac(key).finalize().into_bytes());
    let json = serde_json::to_vec(&ticket).expect("a ticket always serialises");
    let text = BASE64.encode(compress_to_vec_zlib(&json, 6));
    text.chars().map(|c| swap(c, "+/=", "*-_")).collect()
}

/// Reads a ticket without checking its signature, as a client does before it bothers the server.
pub fn read(text: &str) -> Result<Ticket, Error> {
    if text.is_empty() {
        return Err(Error::of(codes::SVR_ACCOUNT_USERSIG_EMPTY));
    }
    let malformed = || Error::of(codes::SVR_ACCOUNT_USERSIG_CHECK_FAILED);
    if text.len() > limits::TICKET_BYTES || text.contains(['+', '/', '=']) {
        return Err(malformed());
    }
    let text: String = text.chars().map(|c| swap(c, "*-_", "+/=")).collect();
    let packed = BASE64.decode(text).map_err(|_| malformed())?;
    let json = decompress_to_vec_zlib_with_limit(&packed, limits::TICKET_INFLATED_BYTES)
        .map_err(|_| malformed())?;
    let ticket: Ticket = serde_json::from_slice(&json).map_err(|_| malformed())?;
    if ticket.version == "2.0" {
        Ok(ticket)
    } else {
        Err(malformed())
    }
}

fn swap(c: char, from: &str, to: &str) -> char {
    from.find(c)
        .and_then(|at| to[at..].chars().next())
        .unwrap_or(c)
}

impl Ticket {
    /// Whether it has expired at `now` (seconds since 1970).
    pub fn is_expired(&self, now: u64) -> bool {
        now > self.expires_at()
    }

    /// The last second in which it is valid.
    pub fn expires_at(&self) -> u64 {
        self.time.saturating_add(self.expire)
    }

    /// The checks that need no key: for this user and this app?
    pub fn check_owner(&self, app_id: u64, user_id: &str) -> Result<(), Error> {
        if self.user_id != user_id {
            return Err(Error::of(codes::SVR_ACCOUNT_USERSIG_MISMATCH_ID));
        }
        if self.app_id != app_id {
            return Err(Error::of(codes::SVR_ACCOUNT_USERSIG_MISMATCH_SDKAPPID));
        }
        Ok(())
    }

    /// The server's checks: owner, expiry, signature (in constant time).
    pub fn verify(&self, key: &str, app_id: u64, user_id: &str, now: u64) -> Result<(), Error> {
        self.check_owner(app_id, user_id)?;
        if self.is_expired(now) {
            return Err(Error::of(codes::SVR_ACCOUNT_USERSIG_EXPIRED));
        }
        let mismatch = || Error::of(codes::SVR_ACCOUNT_USERSIG_MISMATCH_PUBLICKEY);
        let sig = BASE64.decode(&self.sig).map_err(|_| mismatch())?;
        self.mac(key).verify_slice(&sig).map_err(|_| mismatch())
    }

    fn mac(&self, key: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes any key length");
        let (user, app) = (&self.user_id, self.app_id);
        let (time, expire) = (self.time, self.expire);
        mac.update(format!("TLS.identifier:{user}\nTLS.sdkappid:{app}\n").as_bytes());
        mac.update(format!("TLS.time:{time}\nTLS.expire:{expire}\n").as_bytes());
        if let Some(userbuf) = &self.userbuf {
            mac.update(format!("TLS.userbuf:{userbuf}\n").as_bytes());
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const APP: u64 = 1400000001;
    const ALICE: &str = "eJw1ycEKgkAUheF3uVtDriYZAy1caFADiQWtJ*dOXsoanEGE6N0Dx87ufP8HLvIcjzSAgDRGWM2fNb08G55ZPbmlJTj9UNayBpFkGJaE4rknEEm*KAalyfJAIDaYbf-m*A4CbvV17zrXRmMla6rKWkW*MW*Z5gdbHLExVS*jbj2dsNjB9wetYDAw";

    /// (text, user, app, time, expire, key, signature)
    type Vector = (
        &'static str,
        &'static str,
        u64,
        u64,
        u64,
        &'static str,
        &'static str,
    );
    const VECTORS: &[Vector] = &[
        (
            ALICE,
            "alice",
            APP,
            1700000000,
            604800,
            KEY,
            "bPWGshsc+vFLPeFEPa+tRfoL27JpAK0RfFmL+h3xO0A=",
        ),
        (
            "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkEnMyk1NhUsUp2YkFBZkpQAlDEwMIMITKpVYUZBalAmXMDEwsDAygoiWZuSAxQ3Ooaph4cWY6yPSkgHD34oziZO0yN5*AVDfXgETtkqC0fB8jc68CR2*DoDS3XB-tDOMKfwNHW6VaAB*pMZA_",
            "alice",
            APP,
            1700000000,
            604800,
            KEY,
            "bPWGshsc+vFLPeFEPa+tRfoL27JpAK0RfFmL+h3xO0A=",
        ),
        (
            "eJw9yssKwjAUBNB-uVulTUpjIeBGURE0lDY*6C6QKFdtGtIggvjvYlOc3ZyZN8hdnTyNBw5ZQmA6dNTGBrzgwEq3aLEPXoXOj4de35VzqIHTnMTQuARsDXBajEqimpdD-3PGWPbXHq-AYS9uVJRyNfHL9UYof6iKalali3NTS0seIS2PpKanTufbOXy*G-Ezcw__",
            "administrator",
            APP,
            1700000000,
            15552000,
            KEY,
            "MNj1NPTE+rCFGNarUR7R6R/BXZSTn0lt/PV0S1Wod4I=",
        ),
        (
            "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkElNyM-Myi0uKEkvyi2BKilOyEwsKMlOACgxNDCDAECqXWlGQWZQKkjE1NTUCSkDFSzJzwaLmUPUw8eLMdJA9vn5Zhn4BIa7aRc5u7n6JRaFB5kFmQfpOEVHBIXkGOSX6AWEGwYbh*SkmnrZKtQCt-zTT",
            "administrator",
            APP,
            1700000000,
            15552000,
            KEY,
            "MNj1NPTE+rCFGNarUR7R6R/BXZSTn0lt/PV0S1Wod4I=",
        ),
        (
            "eJyrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBws*nrHjWsT3eUNcRKluckp1YUJCZomRlZAAGhhDxkszcVCUrQ3MDEwMzcyMDA4hoakVBZlGqkpUZlF*cma5kpVSW6Bdm4OsfGh5qnhYZ5hpiYhhWbpJqau5T5uXmYeRmmedcYpyUFxrs5plvq1QLAIslMg4_",
            "用户_1-A",
            20000001,
            1704067200,
            60,
            "k",
            "vaNV0MOUWU7fYVET41Vw4e57LvJFH2F9nCt3bnUSFIo=",
        ),
        (
            "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkYkrNTY0sYkrNjIzN4w11HWGqilOyEwsKMlOAaowMwMAQKpNaUZBZlAoUNzOAipRk5oL4huYGJgZm5kDlMDMy00FWlCX6hRn4*oeGh5qnRYa5hpgYhpWbpJqa*5R5uXkYuVnmOZcYJ*WFBrt55tsq1QIA1cwycA__",
            "用户_1-A",
            20000001,
            1704067200,
            60,
            "k",
            "vaNV0MOUWU7fYVET41Vw4e57LvJFH2F9nCt3bnUSFIo=",
        ),
        (
            "eJw1zEsLgkAUBeD-ctehY0nKQJseCKNgoCC10*ZaN0czR8WI-nvg4*zOd*B8IQ4io8cGOKwNBquxk8SqpZxGThXdcB60LNK6JgncstkUa1paKhG45czKJsWhpgaBb5ntLtZpbLIuBw6XRDyXY7oDB890XpV6iM1n8EyNiR8d2SE*XzMdlFVfOJEI934Rnt7K3cHvD*iCNzk_",
            "alice",
            APP,
            1700000000,
            604800,
            KEY,
            "G/7onlhJ3yxG/seWKSD0CTPZbsLmnvk7SJOBKkOEql8=",
        ),
        (
            "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkEnMyk1NhUsUp2YkFBZkpQAlDEwMIMITKpVYUZBalAmXMDEwsDAygoiWZuSAxQ3Ooaph4aXFqUVJpGsiGyHCvLLgFmekgIXd98-y8nAwv48oKd-3i1HDvYBcD55CAqKRin9y8smzzYC9-J*9sf9fCHAtbpVoA1c442Q__",
            "alice",
            APP,
            1700000000,
            604800,
            KEY,
            "G/7onlhJ3yxG/seWKSD0CTPZbsLmnvk7SJOBKkOEql8=",
        ),
        (
            "eJw1jbkOgkAURf-l1YZNFjMJxSMiMdioiE7JMpgRRPaMGv-dhOV095zifiE4nKWBNUBAkxRYjZunrOx4xkcdFTxhc2jTPKoqngJRdWVCnUrHnwyIas1WmSwTFW8YkI2pL6pvWRP3GRBAxB29iopqYZDkuoOIpXsNw*MLEXEr44htL9-8DgRE--bxZrgDdTR574nIKmrfMY34kgXikeNaUT*n2pM9QW34-QEF3EET",
            "alice",
            APP,
            1700000000,
            86400,
            KEY,
            "xuyKAX5EvYB2/IGxa7lqKB65bUfTxjkA301zRqG/GxY=",
        ),
        (
            "eJw1jrsOgkAURP-lthpkN4iwiQWg0tgQEEPJYyGX58orEOO-GwFPNXOmmTd4d1caeQsMqCTDfumY8LrHFBcdlhjzbeiSIhQCE2BEkVfIuvRYcWDktFl5tXwS2HJgmqr81dDxNhpSYGA4xi14TiKgvhcXimn8sH3faZb0MlbsuNLHyCXm-wNmwCC*7FpqodWQSStzlc6PSW-Ca1aPJIi0PBqFWihHPMy*dobPFy6ZRB4_",
            "alice",
            APP,
            1700000000,
            86400,
            KEY,
            "cD+r2CiCo1x8lj62yUx9oaEgnv1Yb8jbvp6k45i/yV8=",
        ),
    ];

    #[test]
    fn every_vector_reads_and_verifies() {
        for &(text, user, app, time, expire, key, sig) in VECTORS {
            let ticket = read(text).unwrap();
            assert_eq!((&*ticket.user_id, ticket.app_id), (user, app), "{text}");
            assert_eq!(
                (ticket.time, ticket.expire, &*ticket.sig),
                (time, expire, sig),
                "{text}"
            );
            assert_eq!(ticket.verify(key, app, user, time), Ok(()), "{text}");
        }
    }

    #[test]
    fn minting_signs_as_the_vectors_do() {
        for (n, &(_, user, app, time, expire, key, sig)) in VECTORS.iter().enumerate() {
            let buf: Option<Vec<u8>> = match n {
                6 | 7 => Some(b"abc".to_vec()),
                8 => Some(
                    BASE64
                        .decode("AAAFYWxpY2VTck4BAAAnEWVVQoAAAAD/AAAAAA==")
                        .unwrap(),
                ),
                9 => Some(
                    BASE64
                        .decode("AQAFYWxpY2VTck4BAAAAAGVVQoAAAAAqAAAAAAAGcm9vbS1B")
                        .unwrap(),
                ),
                _ => None,
            };
            let minted = mint(key, app, user, time, expire, buf.as_deref());
            assert_eq!(read(&minted).unwrap().sig, sig, "vector {n}");
        }
    }

    fn refusal(text: &str, key: &str, app: u64, user: &str, now: u64) -> i32 {
        read(text)
            .and_then(|t| t.verify(key, app, user, now))
            .unwrap_err()
            .code
    }

    #[test]
    fn refusals() {
        let now = 1700000001;
        assert_eq!(refusal(ALICE, KEY, APP, "alice", 1700604801), 70001);
        assert_eq!(
            read(ALICE).unwrap().verify(KEY, APP, "alice", 1700604800),
            Ok(())
        );
        assert_eq!(refusal(ALICE, KEY, APP, "bob", now), 70013);
        assert_eq!(refusal(ALICE, KEY, APP + 1, "alice", now), 70014);
        assert_eq!(
            refusal(ALICE, &KEY.replacen('0', "1", 1), APP, "alice", now),
            70009
        );
        assert_eq!(
            refusal(&ALICE[..ALICE.len() - 10], KEY, APP, "alice", now),
            70003
        );
        assert_eq!(refusal("", KEY, APP, "alice", now), 70002);
        for garbage in [
            "x",
            "eJw",
            "*-_",
            "日本",
            &"A".repeat(9000),
            &ALICE.replace('*', "+"),
        ] {
            assert_eq!(refusal(garbage, KEY, APP, "alice", now), 70003, "{garbage}");
        }
    }

    #[test]
    fn an_enlarged_lifetime_breaks_the_signature() {
        let mut ticket = read(ALICE).unwrap();
        ticket.expire *= 10;
        assert_eq!(
            ticket
                .verify(KEY, APP, "alice", 1700000001)
                .unwrap_err()
                .code,
            70009
        );
    }

    #[test]
    fn a_bomb_is_not_inflated() {
        let bomb = BASE64.encode(compress_to_vec_zlib(&vec![b' '; 1 << 20], 9));
        let bomb: String = bomb.chars().map(|c| swap(c, "+/=", "*-_")).collect();
        assert!(bomb.len() < limits::TICKET_BYTES);
        assert_eq!(read(&bomb).unwrap_err().code, 70003);
    }
}
