//! Which devices of one user may be online together.
//!
//! A device that logs in takes a *place* among those of its user, and holds it until it logs out
//! or another device's login displaces it, whether it is connected or away meanwhile. So a device
//! that comes back finds its place, or learns that it was lost.

use std::fmt;
use std::str::FromStr;

use protocol::user::platform::{ANDROID, IOS, IPAD, LINUX, MAC, SIMULATOR, WEB, WINDOWS};

use crate::repo::{Place, Places};

/// Most instances on one platform that is not the web.
pub const MOST_INSTANCES: u32 = 3;
/// Most instances on the web.
pub const MOST_WEB_INSTANCES: u32 = 10;

/// Which platforms exclude one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Together {
    /// One platform at a time.
    Single,
    /// The web, and one other platform.
    Dual,
    /// The web, one mobile and one desktop platform.
    Triple,
    /// Every platform.
    #[default]
    Multi,
    /// Every platform, each with as many instances as there may be.
    All,
}

const NAMES: [(Together, &str); 5] = [
    (Together::Single, "single"),
    (Together::Dual, "dual"),
    (Together::Triple, "triple"),
    (Together::Multi, "multi"),
    (Together::All, "all"),
];

impl fmt::Display for Together {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(together, _)| together == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Together {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = NAMES.iter().find(|(_, name)| *name == text);
        let found = found.map(|(together, _)| *together);
        found.ok_or_else(|| {
            format!("{text:?} is no policy; write single, dual, triple, multi or all")
        })
    }
}

/// The policy of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Which platforms exclude one another.
    pub together: Together,
    /// Instances on each platform but the web, 1 to [`MOST_INSTANCES`].
    pub instances: u32,
    /// Instances on the web, 1 to [`MOST_WEB_INSTANCES`].
    pub web_instances: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            together: Together::default(),
            instances: 1,
            web_instances: 1,
        }
    }
}

/// A login, as far as the policy looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// The device.
    pub device_id: &'a str,
    /// What it runs on.
    pub platform: i32,
    /// It returns by itself after a lost connection.
    pub resume: bool,
    /// The place that it believes to have; 0 for none.
    pub place: u64,
}

/// What a login means for the places of its user.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// The device has its place, with this number.
    Keep(u64),
    /// It takes a place, and these devices lose theirs.
    Take(Vec<String>),
    /// It lost its place while it was away.
    Lost,
}

/// A number of `TIMPlatform` and ours, less those that count as another.
fn counted(platform: i32) -> i32 {
    match platform {
        WINDOWS | ANDROID | IOS | MAC | IPAD | WEB => platform,
        SIMULATOR => IOS,
        _ => LINUX,
    }
}

/// Whether this is a phone or a tablet.
pub fn is_mobile(platform: i32) -> bool {
    matches!(counted(platform), ANDROID | IOS | IPAD)
}

fn is_web(platform: i32) -> bool {
    counted(platform) == WEB
}

impl Policy {
    /// Whether two different platforms exclude each other.
    fn excludes(&self, a: i32, b: i32) -> bool {
        match self.together {
            Together::Single => true,
            Together::Dual => is_web(a) == is_web(b),
            Together::Triple => is_web(a) == is_web(b) && is_mobile(a) == is_mobile(b),
            Together::Multi | Together::All => false,
        }
    }

    fn limit(&self, platform: i32) -> usize {
        let (other, web) = match self.together {
            Together::All => (MOST_INSTANCES, MOST_WEB_INSTANCES),
            _ => (self.instances, self.web_instances),
        };
        (if is_web(platform) { web } else { other }).max(1) as usize
    }

    /// What a login means. A device that only returns never takes a place from another, so devices
    /// that reconnect at the same time do not push each other out.
    pub fn decide(&self, new: Newcomer<'_>, places: &Places) -> Claim {
        let own = places.held.iter().find(|p| p.device_id == new.device_id);
        let kept = own.filter(|p| counted(p.platform) == counted(new.platform));
        if let Some(place) = kept
            && new.resume
        {
            return Claim::Keep(place.number);
        }
        // A number that was never given: the database has been set back since.
        if own.is_none() && (1..=places.given).contains(&new.place) {
            return Claim::Lost;
        }
        let displaced = self.displaced(new, places);
        if new.resume && displaced.iter().any(|place| !place.has_left) {
            return Claim::Lost;
        }
        match kept {
            Some(place) if displaced.is_empty() && self.is_newest(place, places) => {
                Claim::Keep(place.number)
            }
            _ => Claim::Take(displaced.iter().map(|p| p.device_id.clone()).collect()),
        }
    }

    /// The newest wins: who has to go for it. On its own platform those go first that are away,
    /// then the oldest.
    fn displaced<'a>(&self, new: Newcomer<'_>, places: &'a Places) -> Vec<&'a Place> {
        let others = places.held.iter().filter(|p| p.device_id != new.device_id);
        let (mut rivals, others): (Vec<_>, Vec<_>) =
            others.partition(|p| !p.has_left && counted(p.platform) == counted(new.platform));
        rivals.sort_by_key(|p| (p.seat.is_some(), p.number));
        let too_many = (rivals.len() + 1).saturating_sub(self.limit(new.platform));
        rivals.truncate(too_many);
        let excluded = |p: &&&Place| {
            p.has_left
                || counted(p.platform) != counted(new.platform)
                    && self.excludes(p.platform, new.platform)
        };
        rivals.extend(others.iter().filter(excluded));
        rivals
    }

    /// Only where several instances fit does it matter which is the oldest.
    fn is_newest(&self, place: &Place, places: &Places) -> bool {
        let is_rival = |p: &&Place| counted(p.platform) == counted(place.platform);
        let rivals = places.held.iter().filter(is_rival);
        self.limit(place.platform) == 1 || rivals.map(|p| p.number).max() == Some(place.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::Seat;

    const DESKTOP: i32 = LINUX;
    const LIVE: Option<Seat> = Some(Seat { node: 1, number: 1 });

    fn place(device_id: &str, platform: i32, number: u64) -> Place {
        Place {
            device_id: device_id.into(),
            platform,
            number,
            has_left: false,
            seat: LIVE,
        }
    }

    /// Devices named by the platform that they run on, all live.
    fn everywhere() -> Places {
        let platforms = [WINDOWS, ANDROID, IOS, MAC, IPAD, LINUX, WEB];
        let held = platforms.iter().zip(1..);
        Places {
            given: 7,
            held: held
                .map(|(platform, n)| place(protocol::user::platform::name(*platform), *platform, n))
                .collect(),
        }
    }

    fn policy(name: &str, instances: u32, web_instances: u32) -> Policy {
        Policy {
            together: name.parse().unwrap(),
            instances,
            web_instances,
        }
    }

    fn login(device_id: &str, platform: i32) -> Newcomer<'_> {
        Newcomer {
            device_id,
            platform,
            resume: false,
            place: 0,
        }
    }

    fn take(devices: &[&str]) -> Claim {
        Claim::Take(devices.iter().map(|d| (*d).into()).collect())
    }

    #[test]
    fn who_goes_for_whom() {
        let places = everywhere();
        for (name, platform, gone) in [
            ("single", ANDROID, "Windows Android iOS Mac iPad Linux Web"),
            ("single", WEB, "Windows Android iOS Mac iPad Linux Web"),
            ("dual", IPAD, "Windows Android iOS Mac iPad Linux"),
            ("dual", DESKTOP, "Windows Android iOS Mac iPad Linux"),
            ("dual", WEB, "Web"),
            ("triple", IOS, "Android iOS iPad"),
            ("triple", MAC, "Windows Mac Linux"),
            ("triple", DESKTOP, "Windows Mac Linux"),
            ("triple", WEB, "Web"),
            ("multi", ANDROID, "Android"),
            ("multi", SIMULATOR, "iOS"),
            ("multi", WINDOWS, "Windows"),
            // What has no name of its own is Linux.
            ("multi", 0, "Linux"),
            ("multi", 77, "Linux"),
            ("all", WEB, ""),
            ("all", DESKTOP, ""),
        ] {
            let claim = policy(name, 1, 1).decide(login("new", platform), &places);
            let Claim::Take(mut displaced) = claim else {
                panic!("{name} {platform}: {claim:?}")
            };
            let mut gone: Vec<_> = gone.split_whitespace().collect();
            displaced.sort();
            gone.sort_unstable();
            assert_eq!(displaced, gone, "{name}, a login on {platform}");
        }
    }

    #[test]
    fn instances_of_a_platform() {
        let web = |n: u64| place(&format!("tab {n}"), WEB, n);
        let places = |n: u64| Places {
            given: n,
            held: (1..=n).map(web).collect(),
        };
        let two = policy("multi", 1, 2);
        assert_eq!(two.decide(login("new", WEB), &places(1)), take(&[]));
        let claim = two.decide(login("new", WEB), &places(2));
        assert_eq!(claim, take(&["tab 1"]), "the oldest goes");
        // One that is away needs no room.
        let mut away = places(2);
        away.held[1].seat = None;
        let claim = two.decide(login("new", WEB), &away);
        assert_eq!(claim, take(&["tab 2"]));
        // A login makes the device the newest one.
        assert_eq!(two.decide(login("tab 1", WEB), &places(2)), take(&[]));
        assert_eq!(two.decide(login("tab 2", WEB), &places(2)), Claim::Keep(2));
        // Its own bounds hold where everybody may stay.
        let all = policy("all", 1, 1);
        assert_eq!(all.decide(login("new", WEB), &places(9)), take(&[]));
        let claim = all.decide(login("new", WEB), &places(10));
        assert_eq!(claim, take(&["tab 1"]));
        // A policy that became narrower.
        let one = policy("single", 1, 1);
        let claim = one.decide(login("tab 3", WEB), &places(3));
        assert_eq!(claim, take(&["tab 1", "tab 2"]));
    }

    #[test]
    fn a_device_that_returns_takes_nothing_from_others() {
        let single = policy("single", 1, 1);
        let back = |device_id, place| Newcomer {
            resume: true,
            place,
            ..login(device_id, DESKTOP)
        };
        let mut places = Places {
            given: 5,
            held: vec![place("a", DESKTOP, 5)],
        };
        assert_eq!(single.decide(back("a", 5), &places), Claim::Keep(5));
        assert_eq!(single.decide(back("b", 4), &places), Claim::Lost);
        assert_eq!(single.decide(back("b", 0), &places), Claim::Lost);
        // A login that knows of a lost place is warned once: next time it names none.
        let old = Newcomer {
            place: 4,
            ..login("b", DESKTOP)
        };
        assert_eq!(single.decide(old, &places), Claim::Lost);
        assert_eq!(single.decide(login("b", DESKTOP), &places), take(&["a"]));
        // A number that this database has not given says nothing.
        let newer = Newcomer { place: 6, ..old };
        assert_eq!(single.decide(newer, &places), take(&["a"]));
        // Who has logged out holds nobody up.
        places.held[0].has_left = true;
        assert_eq!(single.decide(back("b", 0), &places), take(&["a"]));
        // The place was lost even if it is free again.
        assert_eq!(single.decide(back("b", 4), &places), Claim::Lost);
    }
}
