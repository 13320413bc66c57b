//! The part of the suite about searching.

/// Part of [`store_suite!`](crate::store_suite).
#[doc(hidden)]
#[macro_export]
macro_rules! search_suite {
    ($make:expr) => {
        mod search {
            #[allow(unused_imports)]
            use super::super::*;
            use protocol::conversation::ConvId;
            use protocol::message::{
                Content, CustomElem, Elem, LocationElem, TextElem, elem_type, msg_status,
            };
            use $crate::search::{FoundIn, Keyword, Search};
            use $crate::store::{MessageRow, Place, Store, suite_row};

            fn search(keywords: &[&str]) -> Search {
                Search {
                    keywords: keywords
                        .iter()
                        .map(|text| Keyword::new(text).unwrap())
                        .collect(),
                    is_all: false,
                    types: Vec::new(),
                    senders: Vec::new(),
                    conv: None,
                    from: 0,
                    to: u64::MAX,
                }
            }

            fn text(text: &str) -> Elem {
                let content = text.into();
                Elem::Text(TextElem { content })
            }

            fn row(peer: &str, id: &str, seq: u64, elems: Vec<Elem>) -> MessageRow {
                let mut row = suite_row(peer, id, seq, 0);
                row.content = Content {
                    elems,
                    client_time: 5,
                    ..Content::default()
                }
                .into();
                row
            }

            #[test]
            fn words_are_found_where_they_stand_newest_first() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let bob = |id, seq, said: &str| row("bob", id, seq, vec![text(said)]);
                store.insert_message(&bob("m1", 1, "Hello world")).unwrap();
                store.insert_message(&bob("m2", 2, "今天天气很好")).unwrap();
                store.insert_message(&bob("m3", 3, "hello, 天")).unwrap();
                store
                    .insert_message(&row("eve", "e1", 9, vec![text("hello eve")]))
                    .unwrap();
                let found = |places: &[u64]| FoundIn {
                    conv: ConvId::c2c("bob"),
                    places: places.iter().map(|&seq| Place { seq, sub: 0 }).collect(),
                    time: 1_700_000_000 + places[0],
                };
                let in_bob = |keywords: &[&str], is_all| Search {
                    is_all,
                    conv: Some(ConvId::c2c("bob")),
                    ..search(keywords)
                };
                for (keywords, is_all, places) in [
                    (&["hello"][..], false, &[3, 1][..]),
                    (&["HEL"], false, &[3, 1]),
                    (&["天"], false, &[3, 2]),
                    (&["天气", "world"], false, &[2, 1]),
                    (&["天", "hello"], true, &[3]),
                    (&["hello world"], false, &[1]),
                ] {
                    let all = store.search(&in_bob(keywords, is_all)).unwrap();
                    assert_eq!(all, Some(vec![found(places)]), "{keywords:?}");
                }
                let nothing = store.search(&in_bob(&["天气", "world"], true)).unwrap();
                assert_eq!(nothing, Some(Vec::new()));
                let mut everywhere = store.search(&search(&["hello"])).unwrap().unwrap();
                everywhere.sort_by(|a, b| a.conv.cmp(&b.conv));
                let counts: Vec<_> = everywhere
                    .iter()
                    .map(|found| (found.conv.id.as_str(), found.places.len(), found.time))
                    .collect();
                assert_eq!(
                    counts,
                    [("bob", 2, 1_700_000_003), ("eve", 1, 1_700_000_009)]
                );
                let stranger = Search {
                    conv: Some(ConvId::c2c("stranger")),
                    ..search(&["hello"])
                };
                assert_eq!(store.search(&stranger).unwrap(), Some(Vec::new()));
            }

            #[test]
            fn what_is_no_word_does_no_harm() {
                let mut store = ($make)();
                store.open(1, "alice").unwrap();
                let odd = [
                    "\" OR text : *",
                    "a\"b",
                    "NEAR(x y)",
                    "-x ^y {z}:",
                    "AND OR NOT",
                    "nul\0nul",
                    "👩‍👩‍👧 ∑ € ①",
                ];
                for (seq, said) in (1..).zip(odd) {
                    let row = row("bob", &format!("m{seq}"), seq, vec![text(said)]);
                    store.insert_message(&row).unwrap();
                    let found = store.search(&search(&[said])).unwrap().unwrap();
                    assert_eq!(found.len(), 1, "{said}");
                    assert!(found[0].places.contains(&row.place), "{said}");
                }
            }

            /// Numbers by chance, the same in each run.
            struct Chance(u64);

            impl Chance {
                fn below(&mut self, end: u64) -> u64 {
                    self.0 = self
                        .0
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (self.0 >> 33) % end
                }

                fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
                    &all[self.below(all.len() as u64) as usize]
                }

                fn is_one_in(&mut self, many: u64) -> bool {
                    self.below(many) == 0
                }

                fn said(&mut self) -> String {
                    const PARTS: [&str; 12] = [
                        "hello",
                        "Help",
                        "今天",
                        "天气",
                        "天",
                        "カメラ",
                        "한국",
                        "world ",
                        ", ",
                        "👋",
                        "x1",
                        " ",
                    ];
                    let parts = 1 + self.below(5);
                    (0..parts).map(|_| *self.one(&PARTS)).collect()
                }

                fn elems(&mut self) -> Vec<Elem> {
                    let count = 1 + self.below(2);
                    let elem = |chance: &mut Chance| match chance.below(4) {
                        0 => Elem::Custom(CustomElem {
                            desc: chance.said(),
                            data: "hello".into(),
                            ..CustomElem::default()
                        }),
                        1 => Elem::Location(LocationElem {
                            desc: chance.said(),
                            ..LocationElem::default()
                        }),
                        _ => text(&chance.said()),
                    };
                    (0..count).map(|_| elem(self)).collect()
                }

                fn search(&mut self) -> Search {
                    const KEYWORDS: [&str; 12] = [
                        "h", "hel", "hello", "今", "天天", "天气", "カ", "국", "world", "x1 今",
                        "👋", "hello w",
                    ];
                    let count = 1 + self.below(3);
                    let keywords: Vec<&str> = (0..count).map(|_| *self.one(&KEYWORDS)).collect();
                    let mut search = search(&keywords);
                    search.is_all = self.is_one_in(2);
                    if self.is_one_in(3) {
                        search.conv = Some(ConvId::c2c(*self.one(&PEERS)));
                    }
                    if self.is_one_in(3) {
                        search.senders = vec!["alice".into(), (*self.one(&PEERS)).into()];
                    }
                    if self.is_one_in(3) {
                        search.types = vec![elem_type::TEXT, elem_type::LOCATION];
                    }
                    if self.is_one_in(3) {
                        search.from = 1_700_000_000 + self.below(60);
                        search.to = search.from + self.below(40);
                    }
                    search
                }
            }

            const PEERS: [&str; 3] = ["bob", "carol", "eve"];

            #[test]
            fn a_search_finds_exactly_what_is_there() {
                let mut hits = 0;
                for seed in 1..=4 {
                    let mut store = ($make)();
                    store.open(1, "alice").unwrap();
                    let mut chance = Chance(seed);
                    for step in 0..400_u64 {
                        let peer = *chance.one(&PEERS);
                        let conv = ConvId::c2c(peer);
                        let some = format!("m{}", chance.below(step + 1));
                        match chance.below(10) {
                            0 => store.delete_message(&some).unwrap(),
                            1 => {
                                let from = chance.below(60);
                                let to = from + chance.below(8);
                                let is_all = chance.is_one_in(2);
                                store.delete_range(&conv, from, to, is_all).unwrap();
                            }
                            2 | 3 => {
                                let Some(mut row) = store.message(&some).unwrap() else {
                                    continue;
                                };
                                let mut content = row.content.emptied();
                                if chance.is_one_in(2) {
                                    content.elems = chance.elems();
                                    row.content = content.into();
                                } else {
                                    row.status = msg_status::REVOKED;
                                    if row.sender != "alice" {
                                        row.content = content.into();
                                    }
                                }
                                store.change_message(&row).unwrap();
                            }
                            4 => {
                                let seq = chance.below(60) + 1;
                                let time = 1_700_000_000 + chance.below(90);
                                let found = store.message(&some).unwrap();
                                if found.is_some_and(|row| row.place.sub > 0) {
                                    store.set_message_sent(&some, seq, time, 0).unwrap();
                                }
                            }
                            what => {
                                let seq = chance.below(60) + 1;
                                let mut row = row(peer, &format!("m{step}"), seq, chance.elems());
                                if what < 7 {
                                    row.place.sub = step + 1;
                                    row.status = msg_status::SENDING;
                                    (row.time, row.sender) = (0, "alice".into());
                                }
                                store.insert_message(&row).unwrap();
                            }
                        }
                        if chance.is_one_in(4) {
                            let search = chance.search();
                            let mut expected = Vec::new();
                            for peer in PEERS {
                                let conv = ConvId::c2c(peer);
                                let all = store.page(&conv, Place::END, false, 1_000).unwrap();
                                let found: Vec<_> =
                                    all.iter().filter(|row| search.finds(row)).collect();
                                if let Some(newest) = found.first() {
                                    expected.push(FoundIn {
                                        conv,
                                        time: newest.shown_time(),
                                        places: found.iter().map(|row| row.place).collect(),
                                    });
                                }
                            }
                            let mut found = store.search(&search).unwrap().unwrap();
                            found.sort_by(|a, b| a.conv.cmp(&b.conv));
                            assert_eq!(found, expected, "seed {seed}, step {step}: {search:?}");
                            hits += found.iter().map(|found| found.places.len()).sum::<usize>();
                        }
                    }
                }
                assert!(hits > 100, "the test itself: {hits} hits");
            }
        }
    };
}
