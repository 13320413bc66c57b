//! What a text is found by: the same for every store.
//!
//! A text is cut into *words*. Where words are written with spaces between them, a word is a run of
//! letters and digits, without case, and it is found by its beginning. Chinese, Japanese, Korean, Thai
//! and the like are cut into pairs of neighbouring characters, with the last one of a run for itself,
//! so that any part of a text is found by a few words in a row, and a single character as the beginning
//! of a pair; so are emoji. Everything else, such as spaces and punctuation, only separates.

use protocol::conversation::ConvId;
use protocol::message::{Content, Elem, elem_type, msg_status};

use crate::store::{MessageRow, Place};

/// A word of no keyword: it stands between two elements of a message, so that nothing is found across.
const BETWEEN: &str = "—";

/// The kinds of elements that have something to search.
pub const SEARCHABLE: [i32; 3] = [elem_type::TEXT, elem_type::CUSTOM, elem_type::LOCATION];

/// What is searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// At least one.
    pub keywords: Vec<Keyword>,
    /// A message has to have all keywords, not one of them.
    pub is_all: bool,
    /// Kinds out of [`SEARCHABLE`] whose texts count; empty: all.
    pub types: Vec<i32>,
    /// User IDs of the senders that count; empty: everybody.
    pub senders: Vec<String>,
    /// Where; none: everywhere.
    pub conv: Option<ConvId>,
    /// The first second that counts, see [`MessageRow::shown_time`].
    pub from: u64,
    /// The last one.
    pub to: u64,
}

/// What was found in one conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundIn {
    /// Which one.
    pub conv: ConvId,
    /// Where, newest first; never empty.
    pub places: Vec<Place>,
    /// [`MessageRow::shown_time`] of the first of them.
    pub time: u64,
}

impl Search {
    /// Whether the texts of this kind of elements count.
    pub fn has_type(&self, kind: i32) -> bool {
        self.types.is_empty() || self.types.contains(&kind)
    }

    /// Whether this message is one of those. What was taken back is none, though its author keeps it.
    pub fn finds(&self, row: &MessageRow) -> bool {
        let time = row.shown_time();
        let is_meant = self.conv.as_ref().is_none_or(|conv| *conv == row.conv)
            && (self.senders.is_empty() || self.senders.contains(&row.sender))
            && (self.from..=self.to).contains(&time)
            && row.status != msg_status::REVOKED;
        if !is_meant {
            return false;
        }
        let kinds = SEARCHABLE.into_iter().filter(|kind| self.has_type(*kind));
        let texts: Vec<_> = kinds.map(|kind| words_of(&row.content, kind)).collect();
        let is_in = |keyword: &Keyword| texts.iter().any(|words| keyword.is_in(words));
        if self.is_all {
            self.keywords.iter().all(is_in)
        } else {
            self.keywords.iter().any(is_in)
        }
    }
}

/// The words of a message's elements of one kind, separated by spaces; empty when there are none.
pub fn words_of(content: &Content, kind: i32) -> String {
    let mut words = String::new();
    for text in content.elems.iter().filter_map(|elem| text_of(elem, kind)) {
        if !words.is_empty() {
            words.push(' ');
            words.push_str(BETWEEN);
        }
        cut(text, |word| {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        });
    }
    words
}

/// What of an element is searched, when it is of this kind.
fn text_of(elem: &Elem, kind: i32) -> Option<&str> {
    if elem.elem_type() != kind {
        return None;
    }
    match elem {
        Elem::Text(text) => Some(&text.content),
        Elem::Custom(custom) => Some(&custom.desc),
        Elem::Location(location) => Some(&location.desc),
        Elem::Face(_) | Elem::GroupTips(_) | Elem::Unknown => None,
    }
}

/// A keyword as it is looked for: words that stand one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    words: Vec<String>,
    /// Of the last word the beginning is enough.
    is_open: bool,
}

impl Keyword {
    /// None when nothing in it can be searched.
    pub fn new(text: &str) -> Option<Self> {
        let mut words = Vec::new();
        let run = cut(text, |word| words.push(word.to_owned()));
        if run == Run::Pairs {
            // What follows the keyword's last character does not matter.
            words.pop();
        }
        (!words.is_empty()).then_some(Self {
            words,
            is_open: run != Run::Pairs,
        })
    }

    /// The words, none of which has a space or a quotation mark.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Of the last word the beginning is enough.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether it is in these words, which spaces separate.
    fn is_in(&self, words: &str) -> bool {
        let words: Vec<&str> = words.split(' ').collect();
        let Some((last, first)) = self.words.split_last() else {
            return false;
        };
        words.windows(self.words.len()).any(|window| {
            let (window, end) = window.split_at(first.len());
            let ends = end
                .first()
                .is_some_and(|end| end == last || (self.is_open && end.starts_with(last.as_str())));
            ends && window.iter().zip(first).all(|(a, b)| a == b)
        })
    }
}

/// What a text ended in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    /// A word, or a single character.
    Word,
    /// Several characters that are cut into pairs.
    Pairs,
}

enum Kind {
    Word,
    /// Belongs to the word that it stands in.
    Mark,
    Single,
    Gap,
}

/// Hands out the words of a text. Says what the last of them were.
fn cut(text: &str, mut give: impl FnMut(&str)) -> Run {
    let (mut word, mut pair) = (String::new(), String::new());
    let mut run = Run::Word;
    for letter in text.chars().map(narrow) {
        let kind = match kind_of(letter) {
            Kind::Mark if word.is_empty() => Kind::Gap,
            kind => kind,
        };
        if !matches!(kind, Kind::Word | Kind::Mark) && !word.is_empty() {
            give(&word);
            word.clear();
        }
        if !matches!(kind, Kind::Single) && !pair.is_empty() {
            give(&pair);
            pair.clear();
        }
        match kind {
            Kind::Word | Kind::Mark => {
                run = Run::Word;
                word.extend(letter.to_lowercase());
            }
            Kind::Single if pair.is_empty() => {
                run = Run::Word;
                pair.push(letter);
            }
            Kind::Single => {
                run = Run::Pairs;
                pair.push(letter);
                give(&pair);
                pair.clear();
                pair.push(letter);
            }
            Kind::Gap => {}
        }
    }
    for rest in [word, pair] {
        if !rest.is_empty() {
            give(&rest);
        }
    }
    run
}

/// The wide forms of ASCII, which Chinese and Japanese keyboards write, are the narrow ones.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        _ => letter,
    }
}

fn kind_of(letter: char) -> Kind {
    match letter {
        '0'..='9' | 'A'..='Z' | 'a'..='z' => Kind::Word,
        // Controls, spaces, and punctuation: of ASCII and Latin, general, and of the scripts below.
        '\0'..='\u{7f}' => Kind::Gap,
        '\u{80}'..='\u{bf}' if !letter.is_alphanumeric() => Kind::Gap,
        '×' | '÷' | '\u{2000}'..='\u{206f}' | '\u{2e00}'..='\u{2e7f}' => Kind::Gap,
        '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{303d}' | '・' => {
            Kind::Gap
        }
        '\u{fe00}'..='\u{fe6f}' | '\u{feff}' | '\u{ff00}'..='\u{ff65}' => Kind::Gap,
        '\u{387}' | '\u{589}' | '\u{5be}' | '\u{5c0}' | '\u{5c3}' => Kind::Gap,
        '،' | '؛' | '؟' | '۔' | '।' | '॥' | '።' => Kind::Gap,
        letter if letter.is_whitespace() => Kind::Gap,
        // Scripts that put no spaces between words, and Korean, whose words carry their endings.
        '\u{e00}'..='\u{109f}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{31ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ffdc}'
        | '\u{1aff0}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}' => Kind::Single,
        letter if letter.is_alphanumeric() => Kind::Word,
        // Accents and vowels of their own, which only some tables call letters.
        '\u{300}'..='\u{1fff}' => Kind::Mark,
        // Emoji, arrows, currencies and the like.
        _ => Kind::Single,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::message::{CustomElem, FaceElem, LocationElem, TextElem};

    fn words(text: &str) -> String {
        let mut words = Vec::new();
        cut(text, |word| words.push(word.to_owned()));
        words.join(" ")
    }

    fn text(text: &str) -> Elem {
        Elem::Text(TextElem {
            content: text.into(),
        })
    }

    fn is_found(keyword: &str, in_text: &str) -> bool {
        Keyword::new(keyword).is_some_and(|keyword| keyword.is_in(&words(in_text)))
    }

    #[test]
    fn texts_are_cut_into_words_and_pairs() {
        assert_eq!(
            words("Hello, WORLD-wide_web 42!"),
            "hello world wide web 42"
        );
        assert_eq!(words("今天天气"), "今天 天天 天气 气");
        assert_eq!(words("我。"), "我");
        assert_eq!(words("iPhone15手机 ok"), "iphone15 手机 机 ok");
        assert_eq!(words("ＡＢＣ１！"), "abc1");
        assert_eq!(words("カメラ・東京"), "カメ メラ ラ 東京 京");
        assert_eq!(words("안녕 하"), "안녕 녕 하");
        assert_eq!(words("hi👋🏽!"), "hi 👋🏽 🏽");
        assert_eq!(words("e\u{301}té नमस्ते।"), "e\u{301}té नमस्ते");
        assert_eq!(words(" \t\n\0?!…—"), "");
    }

    #[test]
    fn any_part_of_chinese_japanese_and_korean_is_found_and_words_by_their_beginning() {
        for part in [
            "今",
            "天",
            "气",
            "今天",
            "天天",
            "天气",
            "今天天气",
            "天天气",
        ] {
            assert!(is_found(part, "今天天气"), "{part}");
        }
        assert!(!is_found("气天", "今天天气"));
        assert!(!is_found("今天气", "今天天气"));
        assert!(is_found("한국", "저는 한국사람입니다"));
        assert!(is_found("사람", "저는 한국사람입니다"));
        assert!(is_found("カメ", "新しいカメラ"));
        for part in ["h", "HEL", "hello", "hello w", "world", "ｈｅｌ"] {
            assert!(is_found(part, "Hello, world"), "{part}");
        }
        for part in ["ello", "orld", "hell world", "world hello", "hello  x"] {
            assert!(!is_found(part, "Hello, world"), "{part}");
        }
        assert!(is_found("手机h", "我的手机hello"));
        assert!(is_found("👋", "hi👋"));
        assert!(is_found("straße", "Große STRAßE"));
    }

    #[test]
    fn every_part_of_a_chinese_text_is_found_and_nothing_else() {
        let letters = ["天", "地", "人"];
        let texts: Vec<String> = (0..81 * 3)
            .map(|n| {
                [n / 81, n / 27, n / 9, n / 3, n]
                    .map(|n| letters[n % 3])
                    .concat()
            })
            .collect();
        let keywords = texts
            .iter()
            .flat_map(|text| [&text[12..], &text[9..], &text[6..]]);
        for keyword in keywords.collect::<std::collections::BTreeSet<_>>() {
            for text in &texts {
                assert_eq!(
                    is_found(keyword, text),
                    text.contains(keyword),
                    "{keyword} {text}"
                );
            }
        }
    }

    #[test]
    fn a_keyword_needs_something_to_search() {
        for nothing in ["", "  ", "?!", "\u{301}", "——"] {
            assert_eq!(Keyword::new(nothing), None, "{nothing:?}");
        }
        let open = |text| Keyword::new(text).map(|keyword| keyword.is_open());
        assert_eq!(open("天"), Some(true));
        assert_eq!(open("天气"), Some(false));
        assert_eq!(open("天气 ok"), Some(true));
    }

    #[test]
    fn each_kind_of_element_has_its_text_and_none_runs_into_the_next() {
        let content = Content {
            elems: vec![
                text("one"),
                Elem::Custom(CustomElem {
                    data: "data".into(),
                    desc: "desc".into(),
                    ext: "ext".into(),
                    sound: "sound".into(),
                }),
                text("two"),
                Elem::Face(FaceElem {
                    index: 1,
                    buf: "face".into(),
                }),
                Elem::Location(LocationElem {
                    desc: "here".into(),
                    ..LocationElem::default()
                }),
            ],
            ..Content::default()
        };
        assert_eq!(words_of(&content, elem_type::TEXT), "one — two");
        assert_eq!(words_of(&content, elem_type::CUSTOM), "desc");
        assert_eq!(words_of(&content, elem_type::LOCATION), "here");
        assert_eq!(words_of(&content, elem_type::FACE), "");
        assert!(!Keyword::new("one two").unwrap().is_in("one — two"));
    }
}
