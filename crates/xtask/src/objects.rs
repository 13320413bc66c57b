//! Reads objects.txt: the JSON objects of the C interface and where they stand.

use std::collections::{BTreeSet, HashMap};

use crate::Result;
use crate::parse::{Function, Header};

const FILE: &str = "crates/xtask/src/objects.txt";

/// Type of a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Whatever it is.
    Any,
    Text,
    Bool,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Double,
    /// An enum of the header, by its name there.
    Enum(String),
    /// By its name in [`Objects::objects`].
    Object(String),
    Array(Box<Type>),
}

/// A key of an object.
#[derive(Debug)]
pub(crate) struct Field {
    /// As in JSON.
    pub(crate) key: String,
    /// Without the prefix that the keys of the object share.
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// Said even when it is empty: to libtim that is not the same as not saying it.
    pub(crate) always: bool,
}

#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
    /// Any key may be missing, which is not the same as an empty value: libtim is given it and never
    /// tells it, or it is marked so.
    pub(crate) is_partial: bool,
}

/// What a completion gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gives {
    Json(Type),
    /// Plain text, no JSON.
    Text,
}

#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// Those that a function or callback of the header reaches. What an object contains comes
    /// before it, as far as that goes: a message can contain messages.
    pub(crate) objects: Vec<Object>,
    takes: HashMap<(String, String), Type>,
    gives: HashMap<String, Gives>,
}

impl Objects {
    /// The JSON that a parameter of a function or callback is; none for plain text.
    pub(crate) fn takes(&self, function: &str, parameter: &str) -> Option<&Type> {
        self.takes.get(&(function.to_owned(), parameter.to_owned()))
    }

    /// What the completion of a function gets; none for an empty text.
    pub(crate) fn gives(&self, function: &str) -> Option<&Gives> {
        self.gives.get(function)
    }
}

/// Reads the file and compares it with the header.
pub(crate) fn read(header: &Header) -> Result<Objects> {
    parse(&crate::read(FILE)?, header).map_err(|e| format!("{FILE}: {e}"))
}

fn parse(text: &str, header: &Header) -> Result<Objects> {
    let lines = || {
        text.lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .map(|l| l.split(' ').collect::<Vec<_>>())
    };
    let names: BTreeSet<&str> = lines()
        .filter(|words| words[0] == "object")
        .filter_map(|words| words.get(1).copied())
        .collect();
    let mut all: Vec<Object> = Vec::new();
    let mut prefix = "";
    let mut found = Objects::default();
    for words in lines() {
        match words[..] {
            ["object", name, of] | ["object", name, of, "partial"] => {
                prefix = if of == "-" { "" } else { of };
                all.push(Object {
                    name: name.to_owned(),
                    fields: Vec::new(),
                    is_partial: words.len() == 4,
                });
            }
            ["takes", function, parameter, ty] => {
                let place = (function.to_owned(), parameter.to_owned());
                found.takes.insert(place, read_type(ty, &names)?);
            }
            ["gives", function, "text"] => {
                found.gives.insert(function.to_owned(), Gives::Text);
            }
            ["gives", function, ty] => {
                let gives = Gives::Json(read_type(ty, &names)?);
                found.gives.insert(function.to_owned(), gives);
            }
            [key, ty] | [key, ty, "always"] => {
                let object = all.last_mut().ok_or("a key before any object")?;
                object.fields.push(Field {
                    key: key.to_owned(),
                    name: key.strip_prefix(prefix).unwrap_or(key).to_owned(),
                    ty: read_type(ty, &names)?,
                    always: words.len() == 3,
                });
            }
            _ => return Err(format!("cannot read {words:?}")),
        }
    }
    compare(&found, header)?;
    found.objects = reached(all, &found, header)?;
    Ok(found)
}

fn read_type(word: &str, objects: &BTreeSet<&str>) -> Result<Type> {
    if let Some(element) = word.strip_suffix("[]") {
        return Ok(Type::Array(Box::new(read_type(element, objects)?)));
    }
    Ok(match word {
        "any" => Type::Any,
        "string" => Type::Text,
        "bool" => Type::Bool,
        "int32" => Type::Int32,
        "uint32" => Type::UInt32,
        "int64" => Type::Int64,
        "uint64" => Type::UInt64,
        "double" => Type::Double,
        name if objects.contains(name) => Type::Object(name.to_owned()),
        name if name.starts_with("tim_") => Type::Enum(name.to_owned()),
        _ => return Err(format!("no type is called {word}")),
    })
}

/// What stands here of a function fits the header, and each JSON parameter stands here.
fn compare(found: &Objects, header: &Header) -> Result<()> {
    for function in header.functions.iter().chain(&header.callbacks) {
        for param in &function.params {
            let is_json = param.ty == "const char *" && param.name.starts_with("json_");
            // What a completion gets depends on the function.
            let is_completion = function.name == "tim_comm_callback";
            if is_json && !is_completion && found.takes(&function.name, &param.name).is_none() {
                return Err(format!("what is {} of {}?", param.name, function.name));
            }
        }
    }
    let of = |name: &str| -> Option<&Function> {
        let mut all = header.functions.iter().chain(&header.callbacks);
        all.find(|f| f.name == name)
    };
    for (function, parameter) in found.takes.keys() {
        if let Some(f) = of(function)
            && !f.params.iter().any(|p| p.name == *parameter)
        {
            return Err(format!("{function} has no {parameter}"));
        }
    }
    Ok(())
}

/// The objects that the header's functions and callbacks reach.
fn reached(mut all: Vec<Object>, found: &Objects, header: &Header) -> Result<Vec<Object>> {
    fn visit(ty: &Type, all: &[Object], begun: &mut BTreeSet<String>, order: &mut Vec<String>) {
        match ty {
            Type::Array(element) => visit(element, all, begun, order),
            Type::Object(name) if begun.insert(name.clone()) => {
                let fields = all.iter().filter(|o| o.name == *name);
                for field in fields.flat_map(|o| &o.fields) {
                    visit(&field.ty, all, begun, order);
                }
                order.push(name.clone());
            }
            _ => {}
        }
    }
    let callbacks = header.callbacks.iter().map(|c| &c.name);
    let callbacks: BTreeSet<&String> = callbacks.collect();
    let (mut begun, mut order) = (BTreeSet::new(), Vec::new());
    let mut told = BTreeSet::new();
    for function in header.functions.iter().chain(&header.callbacks) {
        let params = function.params.iter();
        for ty in params.filter_map(|p| found.takes(&function.name, &p.name)) {
            visit(ty, &all, &mut begun, &mut order);
            if callbacks.contains(&function.name) {
                visit(ty, &all, &mut told, &mut Vec::new());
            }
        }
        if let Some(Gives::Json(ty)) = found.gives(&function.name) {
            visit(ty, &all, &mut begun, &mut order);
            visit(ty, &all, &mut told, &mut Vec::new());
        }
    }
    for object in &mut all {
        object.is_partial |= !told.contains(&object.name);
    }
    let mut all: HashMap<String, Object> = all.into_iter().map(|o| (o.name.clone(), o)).collect();
    let reached: Vec<Object> = order.iter().filter_map(|name| all.remove(name)).collect();
    for field in reached.iter().flat_map(|o| &o.fields) {
        if let Type::Enum(name) = &field.ty
            && !header.types.iter().any(|(ty, _)| ty == name)
        {
            return Err(format!(
                "the header has no {name}, the type of {}",
                field.key
            ));
        }
    }
    Ok(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        crate::parse::header(
            "typedef int32_t tim_kind;\n\
             typedef void (*tim_told_callback)(const char *json_inner, const void *user_data);\n\
             TIM_API int tim_ask(const char *id, const char *json_asked, tim_comm_callback cb);\n",
        )
        .expect("a header")
    }

    const TEXT: &str = "\
# a comment
object Inner inner_
inner_kind tim_kind
other string always

object Outer -
outer_inner Inner[]

object Unreached -
unreached_kind tim_other

takes tim_ask json_asked Outer
gives tim_ask string[]
takes tim_told_callback json_inner Inner
takes tim_later json_later Unreached
";

    #[test]
    fn what_the_header_reaches_is_read_and_parts_come_first() {
        let found = parse(TEXT, &header()).expect("readable");
        let names: Vec<&str> = found.objects.iter().map(|o| &*o.name).collect();
        assert_eq!(names, ["Inner", "Outer"]);
        let inner = &found.objects[0].fields;
        assert_eq!((&*inner[0].name, &*inner[0].key), ("kind", "inner_kind"));
        assert_eq!(inner[0].ty, Type::Enum("tim_kind".into()));
        assert_eq!((&*inner[1].name, &inner[1].ty), ("other", &Type::Text));
        let texts = Type::Array(Box::new(Type::Text));
        assert_eq!(found.gives("tim_ask"), Some(&Gives::Json(texts)));
        assert_eq!(found.takes("tim_ask", "id"), None);
        let outer = Type::Object("Outer".into());
        assert_eq!(found.takes("tim_ask", "json_asked"), Some(&outer));
        let given = found.objects.iter().map(|o| o.is_partial);
        assert_eq!(given.collect::<Vec<_>>(), [false, true]);
        assert!(inner[1].always && !inner[0].always);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for (from, to, told) in [
            (
                "takes tim_ask json_asked Outer\n",
                "",
                "what is json_asked of tim_ask?",
            ),
            (
                "json_asked Outer",
                "json_answer Outer",
                "what is json_asked of tim_ask?",
            ),
            (
                "inner_kind tim_kind",
                "inner_kind tim_mood",
                "the header has no tim_mood",
            ),
            (
                "outer_inner Inner[]",
                "outer_inner Innner[]",
                "no type is called Innner",
            ),
            (
                "takes tim_told_callback json_inner Inner",
                "takes too much for a line",
                "cannot read",
            ),
        ] {
            let error = parse(&TEXT.replace(from, to), &header()).expect_err(told);
            assert!(error.starts_with(told), "{error}");
        }
    }

    #[test]
    fn each_key_has_its_name_in_the_other_library() {
        let names = crate::read("crates/xtask/src/vendor.txt").expect("names");
        let names: BTreeSet<&str> = names
            .lines()
            .filter(|l| l.starts_with("key "))
            .filter_map(|l| l.rsplit(' ').next())
            .collect();
        let text = crate::read(FILE).expect("objects");
        let keys = text.lines().filter(|l| !l.starts_with('#'));
        for key in keys.map(|l| l.split(' ').collect::<Vec<_>>()) {
            if let [key, _] | [key, _, "always"] = key[..] {
                // The settings that are our own.
                let is_own = key.starts_with("sdk_config_");
                assert!(is_own || names.contains(key), "{key}");
            }
        }
    }
}
