//! Notes as bytes: a line of JSON, and for an event its frame as it will go to clients.
//!
//! Nodes of two versions work side by side while one follows the other: a note of an unknown kind
//! is ignored, and so is a field that is not known.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Note;
use crate::logic::{News, Push};
use crate::repo::{AccountId, Place, Places, Seat, Standing, Topic, Watched, Watching};

#[derive(Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
enum Head {
    Push {
        to: AccountId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
    },
    Fan {
        to: Vec<AccountId>,
    },
    News {
        app_id: u64,
        topic: u8,
        user_id: String,
        version: u64,
    },
    Standing {
        account: AccountId,
        version: u64,
        given: u64,
        held: Vec<WirePlace>,
        custom_status: String,
        presence: i32,
        active_day: u64,
    },
    Watching {
        account: AccountId,
        version: u64,
        statuses: Vec<String>,
        profiles: Vec<String>,
    },
    Missed,
}

#[derive(Serialize, Deserialize)]
struct WirePlace {
    device_id: String,
    platform: i32,
    number: u64,
    #[serde(default)]
    has_left: bool,
    /// Node and number.
    #[serde(default)]
    seat: Option<(i64, u64)>,
}

impl From<&Place> for WirePlace {
    fn from(place: &Place) -> Self {
        Self {
            device_id: place.device_id.clone(),
            platform: place.platform,
            number: place.number,
            has_left: place.has_left,
            seat: place.seat.map(|seat| (seat.node, seat.number)),
        }
    }
}

impl From<WirePlace> for Place {
    fn from(place: WirePlace) -> Self {
        Self {
            device_id: place.device_id,
            platform: place.platform,
            number: place.number,
            has_left: place.has_left,
            seat: place.seat.map(|(node, number)| Seat { node, number }),
        }
    }
}

impl Note {
    /// As it goes over the bus.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (head, frame) = match self {
            Note::Push(push) => (
                Head::Push {
                    to: push.to,
                    seq: push.seq,
                },
                &push.frame[..],
            ),
            Note::Fan { accounts, frame } => (
                Head::Fan {
                    to: accounts.clone(),
                },
                &frame[..],
            ),
            Note::News(news) => (
                Head::News {
                    app_id: news.app_id,
                    topic: news.topic as u8,
                    user_id: news.user_id.clone(),
                    version: news.version,
                },
                &news.frame[..],
            ),
            Note::Standing(account, standing) => (
                Head::Standing {
                    account: *account,
                    version: standing.version,
                    given: standing.places.given,
                    held: standing.places.held.iter().map(Into::into).collect(),
                    custom_status: standing.custom_status.clone(),
                    presence: standing.presence,
                    active_day: standing.active_day,
                },
                &[][..],
            ),
            Note::Watching(account, watching) => (
                Head::Watching {
                    account: *account,
                    version: watching.version,
                    statuses: watching.watched.statuses.clone(),
                    profiles: watching.watched.profiles.clone(),
                },
                &[][..],
            ),
            Note::Missed => (Head::Missed, &[][..]),
        };
        let mut bytes = serde_json::to_vec(&head).expect("plain data always serialises");
        bytes.push(b'\n');
        bytes.extend_from_slice(frame);
        bytes
    }

    /// What came over the bus. `None`: not for this version.
    pub fn from_bytes(bytes: &Bytes) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let frame = bytes.slice(end + 1..);
        Some(match serde_json::from_slice(&bytes[..end]).ok()? {
            Head::Push { to, seq } => Note::Push(Push::new(to, seq, frame)),
            Head::Fan { to } => Note::Fan {
                accounts: to,
                frame,
            },
            Head::News {
                app_id,
                topic,
                user_id,
                version,
            } => Note::News(News {
                app_id,
                topic: Topic::from_number(topic)?,
                user_id,
                version,
                frame,
            }),
            Head::Standing {
                account,
                version,
                given,
                held,
                custom_status,
                presence,
                active_day,
            } => {
                let held = held.into_iter().map(Into::into).collect();
                let standing = Standing {
                    version,
                    places: Places { given, held },
                    custom_status,
                    presence,
                    active_day,
                };
                Note::Standing(account, standing)
            }
            Head::Watching {
                account,
                version,
                statuses,
                profiles,
            } => {
                let watched = Watched { statuses, profiles };
                Note::Watching(account, Watching { version, watched })
            }
            Head::Missed => Note::Missed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(note: &Note) -> Note {
        let bytes = Bytes::from(note.to_bytes());
        Note::from_bytes(&bytes).unwrap_or_else(|| panic!("{bytes:?}"))
    }

    #[test]
    fn notes_survive_the_way() {
        let frame = Bytes::from_static(b"{\"ev\":\"x\",\"body\":\"\\n\"}");
        for seq in [None, Some(7)] {
            let note = Note::Push(Push::new(5, seq, frame.clone()));
            let Note::Push(push) = there_and_back(&note) else {
                panic!("{note:?}")
            };
            assert_eq!((push.to, push.seq, &push.frame), (5, seq, &frame));
        }
        let note = Note::Fan {
            accounts: vec![1, i64::MAX],
            frame: frame.clone(),
        };
        let Note::Fan {
            accounts,
            frame: found,
        } = there_and_back(&note)
        else {
            panic!("{note:?}")
        };
        assert_eq!((accounts, found), (vec![1, i64::MAX], frame.clone()));
        let news = Note::News(News {
            app_id: 1,
            topic: Topic::Profile,
            user_id: "alice".into(),
            version: 3,
            frame: frame.clone(),
        });
        let Note::News(found) = there_and_back(&news) else {
            panic!("{news:?}")
        };
        assert_eq!((found.user_id.as_str(), found.version), ("alice", 3));
        assert_eq!((found.topic, found.frame), (Topic::Profile, frame));
        let standing = Standing {
            version: 4,
            places: Places {
                given: 2,
                held: vec![Place {
                    device_id: "phone".into(),
                    platform: 3,
                    number: 2,
                    has_left: false,
                    seat: Some(Seat {
                        node: i64::MAX,
                        number: 9,
                    }),
                }],
            },
            custom_status: "line\nbreak".into(),
            presence: 2,
            active_day: 20_000,
        };
        let Note::Standing(5, found) = there_and_back(&Note::Standing(5, standing.clone())) else {
            panic!("no standing")
        };
        assert_eq!(found, standing);
        let watching = Watching {
            version: 8,
            watched: Watched {
                statuses: vec!["bob".into()],
                profiles: vec![],
            },
        };
        let Note::Watching(6, found) = there_and_back(&Note::Watching(6, watching.clone())) else {
            panic!("no watching")
        };
        assert_eq!(found, watching);
        assert!(matches!(there_and_back(&Note::Missed), Note::Missed));
    }

    #[test]
    fn what_another_version_says_is_ignored() {
        for text in [
            "",
            "{}\n",
            "{\"note\":\"new\"}\n",
            "{\"note\":\"push\"}\n",
            "x\ny",
        ] {
            assert!(Note::from_bytes(&Bytes::from(text)).is_none(), "{text:?}");
        }
        for known in [
            r#"{"newer":1,"note":"push","to":1}"#,
            r#"{"newer":1,"note":"news","app_id":1,"topic":1,"user_id":"a","version":2}"#,
            r#"{"newer":1,"note":"standing","account":1,"version":2,"given":3,"custom_status":"",
                "presence":1,"active_day":1,"held":[{"newer":[2],"device_id":"a","platform":1,
                "number":3,"has_left":false,"seat":[1,2]}]}"#,
            r#"{"newer":1,"note":"watching","account":1,"version":2,"statuses":[],"profiles":[]}"#,
            r#"{"newer":1,"note":"fan","to":[1]}"#,
            r#"{"newer":1,"note":"missed"}"#,
        ] {
            let bytes = Bytes::from(format!("{}\n{{}}", known.replace('\n', " ")));
            assert!(Note::from_bytes(&bytes).is_some(), "{known}");
        }
    }
}
