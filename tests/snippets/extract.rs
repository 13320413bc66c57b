//! Finds the blocks of code in a document.

/// What is to be done with a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole program: it is compiled and run, and has to end with 0.
    Program,
    /// Statements, which are put into a program and run.
    Body,
    /// Functions and the like, which the bodies that follow on the page can use.
    Declarations,
    /// A whole program that is compiled and not run.
    Compile,
    /// Not looked at; the comment says why.
    Skip,
}

/// A block of code between fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Where it stands: page and line.
    pub place: String,
    /// The word behind the fence.
    pub language: String,
    pub kind: Kind,
    /// What else the comment says, such as `c++20`.
    pub notes: String,
    /// Without the indentation that it shares.
    pub code: String,
}

/// All blocks of a page; an error says what is wrong with one.
pub fn snippets(page: &str, text: &str) -> Result<Vec<Snippet>, String> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    let mut before = "";
    while let Some((n, line)) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let Some(language) = line.trim_start().strip_prefix("```") else {
            before = line.trim();
            continue;
        };
        let place = format!("{page}:{}", n + 1);
        let (kind, notes) = marked(before).map_err(|e| format!("{place}: {e}"))?;
        let mut code = String::new();
        loop {
            let Some((_, line)) = lines.next() else {
                return Err(format!("{place}: the block has no end"));
            };
            if line.trim() == "```" {
                break;
            }
            code.push_str(line.get(indent..).unwrap_or(""));
            code.push('\n');
        }
        let language = language.trim().to_owned();
        if language.is_empty() {
            return Err(format!("{place}: name the language, or text"));
        }
        found.push(Snippet {
            place,
            language,
            kind,
            notes,
            code,
        });
        before = "";
    }
    Ok(found)
}

/// Reads `<!-- snippet: KIND NOTES -->`.
fn marked(line: &str) -> Result<(Kind, String), String> {
    let Some(words) = line.strip_prefix("<!-- snippet:") else {
        return Ok((Kind::Program, String::new()));
    };
    let words = words.strip_suffix("-->").ok_or("the comment has no end")?;
    let (kind, notes) = words.trim().split_once(' ').unwrap_or((words.trim(), ""));
    let kind = match kind.trim_end_matches(':') {
        "program" => Kind::Program,
        "body" => Kind::Body,
        "declarations" => Kind::Declarations,
        "compile" => Kind::Compile,
        "skip" if notes.is_empty() => return Err("say why it is skipped".into()),
        "skip" => Kind::Skip,
        other => return Err(format!("what is {other:?}?")),
    };
    Ok((kind, notes.to_owned()))
}

#[test]
fn blocks_are_found_with_what_is_to_be_done() {
    let page = "# A\n```c\nint x;\n```\n<!-- snippet: compile c++20 -->\n```cpp\na\n\n  b\n```\n\
                - x\n  <!-- snippet: skip: a GUI -->\n  ```python\n  if x:\n      y\n  ```\n";
    let found = snippets("p.md", page).unwrap();
    let summary: Vec<_> = found
        .iter()
        .map(|s| (&*s.place, &*s.language, s.kind, &*s.notes, &*s.code))
        .collect();
    let wanted = [
        ("p.md:2", "c", Kind::Program, "", "int x;\n"),
        ("p.md:6", "cpp", Kind::Compile, "c++20", "a\n\n  b\n"),
        ("p.md:13", "python", Kind::Skip, "a GUI", "if x:\n    y\n"),
    ];
    assert_eq!(summary, wanted);
}

#[test]
fn what_is_unclear_is_refused() {
    for (page, says) in [
        ("```\nx\n```\n", "name the language"),
        ("```c\nx\n", "no end"),
        ("<!-- snippet: later -->\n```c\n```\n", "later"),
        ("<!-- snippet: skip -->\n```c\n```\n", "why"),
    ] {
        let error = snippets("p.md", page).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}
