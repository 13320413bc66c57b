//! Reads the header back. It is generated, so its shape is regular; what does not fit is an error.

/// A parameter, or the type of a result (without a name).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Such as `const char *`.
    pub ty: String,
    /// Empty when there is none.
    pub name: String,
}

/// A function, or the type of a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it returns.
    pub ret: String,
    /// In order.
    pub params: Vec<Param>,
    /// The comment before it, without the stars.
    pub doc: String,
}

/// What the header declares.
#[derive(Debug, Default)]
pub struct Header {
    /// Exported functions.
    pub functions: Vec<Function>,
    /// Types of callbacks.
    pub callbacks: Vec<Function>,
    /// Other typedefs: name and what it stands for.
    pub types: Vec<(String, String)>,
    /// Constants with a number or text for a value.
    pub constants: Vec<(String, String)>,
}

/// Reads the whole header.
pub fn header(text: &str) -> Result<Header, String> {
    let mut header = Header::default();
    let mut doc = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("/**") {
            doc.clear();
            while let Some(line) = lines.next_if(|l| l.starts_with(" * ") || *l == " *") {
                doc.push_str(line[2..].strip_prefix(' ').unwrap_or(&line[2..]));
                doc.push('\n');
            }
        } else if let Some(rest) = line.strip_prefix("#define TIM_") {
            if let Some((name, value)) = rest.split_once(' ') {
                let value = match value.strip_prefix('(') {
                    Some(inner) => inner.strip_suffix(')').unwrap_or(value),
                    None => value,
                };
                header
                    .constants
                    .push((format!("TIM_{name}"), value.to_owned()));
            }
        } else if line.starts_with("typedef ") || line.starts_with("TIM_API") {
            let mut statement = line.to_owned();
            while !statement.ends_with(';') {
                let next = lines.next().ok_or("the header ends in a declaration")?;
                statement.push(' ');
                statement.push_str(next.trim());
            }
            declaration(&mut header, statement.trim_end_matches(';'), &doc)?;
            doc.clear();
        }
    }
    // Those without a number are switches of the preprocessor.
    header.constants.retain(|(name, value)| {
        !matches!(name.as_str(), "TIM_H" | "TIM_API") && !value.starts_with("__")
    });
    Ok(header)
}

fn declaration(header: &mut Header, text: &str, doc: &str) -> Result<(), String> {
    if let Some(text) = text.strip_prefix("TIM_API ") {
        header.functions.push(function(text, doc)?);
        return Ok(());
    }
    let text = text.strip_prefix("typedef ").unwrap_or(text);
    if text.contains("(*") {
        header.callbacks.push(function(
            &text.replacen("(*", "", 1).replacen(')', "", 1),
            doc,
        )?);
    } else {
        let (ty, name) = text
            .rsplit_once(' ')
            .ok_or_else(|| format!("cannot read: {text}"))?;
        header.types.push((name.to_owned(), ty.to_owned()));
    }
    Ok(())
}

fn function(text: &str, doc: &str) -> Result<Function, String> {
    let odd = || format!("cannot read: {text}");
    let (head, params) = text.split_once('(').ok_or_else(odd)?;
    let params = params.strip_suffix(')').ok_or_else(odd)?;
    let head = param(head).ok_or_else(odd)?;
    let params = match params {
        "void" => Vec::new(),
        params => params
            .split(',')
            .map(param)
            .collect::<Option<_>>()
            .ok_or_else(odd)?,
    };
    Ok(Function {
        name: head.name,
        ret: head.ty,
        params,
        doc: doc.to_owned(),
    })
}

/// `const char *name` is a type and a name.
fn param(text: &str) -> Option<Param> {
    let text = text.trim();
    let at = text.rfind([' ', '*'])? + 1;
    let (ty, name) = text.split_at(at);
    Some(Param {
        ty: ty.trim().to_owned(),
        name: name.to_owned(),
    })
}
