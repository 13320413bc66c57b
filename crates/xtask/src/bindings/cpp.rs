//! bindings/cpp/tim.hpp: the parts between the marks `// <name>` and `// </name>`.

use std::fmt::Write as _;

use crate::objects::{Gives, Object, Objects, Type};
use crate::parse::{Function, Header, Param};
use crate::{Result, emit, read};

const FILE: &str = "bindings/cpp/tim.hpp";

/// The object of which one is all that the elements of a message can be: there it is one of these.
const ELEM: &str = "Elem";
/// Struct, the beginning of its keys, the constant of its type.
const PARTS: [(&str, &str, &str); 13] = [
    ("TextElem", "text_elem_", "TIM_ELEM_TEXT"),
    ("CustomElem", "custom_elem_", "TIM_ELEM_CUSTOM"),
    ("FaceElem", "face_elem_", "TIM_ELEM_FACE"),
    ("LocationElem", "location_elem_", "TIM_ELEM_LOCATION"),
    ("ImageElem", "image_elem_", "TIM_ELEM_IMAGE"),
    ("SoundElem", "sound_elem_", "TIM_ELEM_SOUND"),
    ("VideoElem", "video_elem_", "TIM_ELEM_VIDEO"),
    ("FileElem", "file_elem_", "TIM_ELEM_FILE"),
    ("MergerElem", "merge_elem_", "TIM_ELEM_MERGE"),
    ("GroupTipsElem", "group_tips_elem_", "TIM_ELEM_GROUP_TIPS"),
    (
        "GroupReportElem",
        "group_report_elem_",
        "TIM_ELEM_GROUP_REPORT",
    ),
    (
        "ProfileChangeElem",
        "profile_change_elem_",
        "TIM_ELEM_PROFILE_CHANGE",
    ),
    (
        "FriendChangeElem",
        "friend_change_elem_",
        "TIM_ELEM_FRIEND_CHANGE",
    ),
];

pub(crate) fn run(header: &Header, objects: &Objects, check: bool) -> Result<()> {
    let mut text = read(FILE)?;
    for (name, part) in [
        ("objects", structs(objects)?),
        ("methods", methods(header, objects)?),
        ("nlohmann", nlohmann(objects)),
    ] {
        text = replaced(&text, name, &part)?;
    }
    emit(FILE, &text, check, "bindings")
}

/// The text with something else between the marks of a name, at their indentation.
fn replaced(text: &str, name: &str, part: &str) -> Result<String> {
    let (open, close) = (format!("// <{name}>\n"), format!("// </{name}>"));
    let begin = text.find(&open).ok_or(format!("{FILE}: no {open}"))? + open.len();
    let end = text.find(&close).ok_or(format!("{FILE}: no {close}"))?;
    let end = text[..end].rfind('\n').map_or(end, |line| line + 1);
    Ok(format!("{}{part}{}", &text[..begin], &text[end..]))
}

fn structs(objects: &Objects) -> Result<String> {
    let mut text = String::new();
    let names = objects.objects.iter().map(|o| &*o.name);
    for name in names.chain(PARTS.map(|(name, ..)| name)) {
        let _ = writeln!(text, "struct {name};");
    }
    for object in &objects.objects {
        if object.name == ELEM {
            elem(&mut text, object)?;
        } else {
            let fields: Vec<_> = object.fields.iter().map(Member::of(object)).collect();
            one_struct(&mut text, &object.name, &fields);
        }
    }
    // Reading and writing, once all of them are there.
    for object in &objects.objects {
        if object.name == ELEM {
            read_and_write_elem(&mut text, object);
        } else {
            let fields: Vec<_> = object.fields.iter().map(Member::of(object)).collect();
            read_and_write(&mut text, &object.name, &fields);
        }
    }
    Ok(text)
}

/// A member of a struct.
struct Member<'o> {
    key: &'o str,
    name: String,
    ty: String,
    init: &'static str,
    always: bool,
}

impl<'o> Member<'o> {
    fn of(object: &Object) -> impl Fn(&'o crate::objects::Field) -> Self {
        let is_optional = object.is_partial;
        move |field| {
            Self::new(
                &field.key,
                &field.name,
                &field.ty,
                field.always,
                is_optional,
            )
        }
    }

    fn new(key: &'o str, name: &str, ty: &Type, always: bool, is_optional: bool) -> Self {
        let is_list = matches!(ty, Type::Array(_));
        let is_object = matches!(ty, Type::Object(_));
        let (ty, init) = match ty {
            Type::Object(name) => (format!("Box<{name}>"), ""),
            ty if is_optional && !is_list => (format!("std::optional<{}>", value(ty)), ""),
            ty => (value(ty), init(ty)),
        };
        Self {
            key,
            name: identifier(name),
            ty,
            init,
            // What may be missing is said when it is there.
            always: always && !is_optional && !is_object,
        }
    }
}

fn value(ty: &Type) -> String {
    match ty {
        Type::Any => "Json".into(),
        Type::Text => "std::string".into(),
        Type::Bool => "bool".into(),
        Type::Int32 => "int32_t".into(),
        Type::UInt32 => "uint32_t".into(),
        Type::Int64 => "int64_t".into(),
        Type::UInt64 => "uint64_t".into(),
        Type::Double => "double".into(),
        Type::Enum(name) | Type::Object(name) => name.clone(),
        Type::Array(element) => format!("std::vector<{}>", value(element)),
    }
}

fn init(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => " = false",
        Type::Int32 | Type::UInt32 | Type::Int64 | Type::UInt64 | Type::Double | Type::Enum(_) => {
            " = 0"
        }
        _ => "",
    }
}

/// Words of the language get an underscore.
fn identifier(name: &str) -> String {
    let is_word = matches!(
        name,
        "default" | "operator" | "new" | "delete" | "public" | "private" | "template" | "register"
    );
    format!("{name}{}", if is_word { "_" } else { "" })
}

fn one_struct(text: &mut String, name: &str, members: &[Member<'_>]) {
    let _ = writeln!(text, "\nstruct {name} {{");
    for member in members {
        let _ = writeln!(text, "    {} {}{};", member.ty, member.name, member.init);
    }
    text.push_str("};\n");
}

fn read_and_write(text: &mut String, name: &str, members: &[Member<'_>]) {
    let _ = writeln!(
        text,
        "\ninline void read_field(json::Reader &in, uint64_t key, {name} &to) {{\n    switch (key) {{"
    );
    for member in members {
        let _ = writeln!(
            text,
            "        case json::hash(\"{}\"): return in.read(to.{});",
            member.key, member.name
        );
    }
    text.push_str("        default: return in.skip();\n    }\n}\n");
    let _ = writeln!(
        text,
        "inline void write_fields(json::Writer &out, const {name} &from) {{"
    );
    for member in members {
        let how = if member.always { "always" } else { "field" };
        let _ = writeln!(
            text,
            "    out.{how}(\"{}\", from.{});",
            member.key, member.name
        );
    }
    text.push_str("}\n");
}

/// Members of one of [`PARTS`].
fn part<'o>(elem: &'o Object, prefix: &str) -> Vec<Member<'o>> {
    let fields = elem.fields.iter();
    fields
        .filter_map(|f| {
            let name = f.key.strip_prefix(prefix)?;
            Some(Member::new(&f.key, name, &f.ty, f.always, false))
        })
        .collect()
}

fn elem(text: &mut String, object: &Object) -> Result<()> {
    for field in object.fields.iter().filter(|f| f.key != "elem_type") {
        if !PARTS
            .iter()
            .any(|(_, prefix, _)| field.key.starts_with(prefix))
        {
            return Err(format!(
                "{FILE}: to which element does {} belong?",
                field.key
            ));
        }
    }
    for (name, prefix, _) in PARTS {
        one_struct(text, name, &part(object, prefix));
    }
    text.push_str(
        "\n/** One element of a message: one of the structs above, by its type. */\nstruct Elem {\n    \
         tim_elem_type type = TIM_ELEM_INVALID;\n    std::variant<std::monostate",
    );
    for (name, ..) in PARTS {
        let _ = write!(text, ",\n                 {name}");
    }
    text.push_str("> it;\n\n    Elem() = default;\n");
    // Their bodies need all structs: a message may contain messages.
    for (name, ..) in PARTS {
        let _ = writeln!(text, "    Elem({name} elem);");
    }
    text.push_str(
        "    /** The element if it is a T, otherwise none: `if (auto *text = elem.get<TextElem>())`. */\n    \
         template <class T>\n    const T *get() const {\n        return std::get_if<T>(&it);\n    }\n    \
         /** The same, made if it is none. */\n    template <class T>\n    T &make() {\n        \
         if (T *there = std::get_if<T>(&it)) return *there;\n        return it.emplace<T>();\n    }\n};\n",
    );
    Ok(())
}

fn read_and_write_elem(text: &mut String, object: &Object) {
    text.push('\n');
    for (name, _, constant) in PARTS {
        let _ = writeln!(
            text,
            "inline Elem::Elem({name} elem) : type({constant}), it(std::move(elem)) {{}}"
        );
    }
    text.push_str(
        "\ninline void read_field(json::Reader &in, uint64_t key, Elem &to) {\n    switch (key) {\n        \
         case json::hash(\"elem_type\"): return in.read(to.type);\n",
    );
    for (name, prefix, _) in PARTS {
        for member in part(object, prefix) {
            let _ = writeln!(
                text,
                "        case json::hash(\"{}\"): return in.read(to.make<{name}>().{});",
                member.key, member.name
            );
        }
    }
    text.push_str("        default: return in.skip();\n    }\n}\n");
    for (name, prefix, _) in PARTS {
        read_and_write(text, name, &part(object, prefix));
    }
    text.push_str(
        "inline void write_fields(json::Writer &, std::monostate) {}\n\
         inline void write_fields(json::Writer &out, const Elem &from) {\n    \
         out.always(\"elem_type\", from.type);\n    \
         std::visit([&out](const auto &it) { write_fields(out, it); }, from.it);\n}\n",
    );
}

fn nlohmann(objects: &Objects) -> String {
    let mut text = String::new();
    for object in &objects.objects {
        let name = &object.name;
        let _ = writeln!(
            text,
            "inline void to_json(nlohmann::json &to, const {name} &from) {{ to = nlohmann::json::parse(to_json(from)); }}\n\
             inline void from_json(const nlohmann::json &from, {name} &to) {{ to = from_json<{name}>(from.dump()).value(); }}"
        );
    }
    text
}

fn methods(header: &Header, objects: &Objects) -> Result<String> {
    let mut text = String::new();
    for function in &header.functions {
        let has = |ty: &str| function.params.iter().any(|p| p.ty == ty);
        let callback = function.params.iter().find_map(|param| {
            let mut callbacks = header.callbacks.iter();
            callbacks.find(|c| c.name == param.ty)
        });
        match callback {
            Some(_) if has("tim_comm_callback") => call(&mut text, objects, function)?,
            // Those are written by hand, or removed together with what they add.
            Some(callback)
                if function.params.len() == 2 && callback.name != "tim_wakeup_callback" =>
            {
                listener(&mut text, objects, function, callback)?;
            }
            _ => {}
        }
    }
    Ok(text)
}

/// The first sentence of a function's documentation.
fn says(text: &mut String, function: &Function) {
    let first = function.doc.lines().next().unwrap_or_default();
    let is_listener = function.name.ends_with("_callback");
    let one = if is_listener {
        " One at a time; nullptr ends it."
    } else {
        ""
    };
    let _ = writeln!(text, "    /** {}: {first}{one} */", function.name);
}

/// A parameter of JSON or text that the documentation lets be NULL.
fn may_be_null(function: &Function, param: &Param) -> bool {
    let tag = format!("@param {}  ", param.name);
    let text = function.doc.split(&tag).nth(1).unwrap_or_default();
    let text = text.split("\n@").next().unwrap_or_default();
    !text.contains("Not NULL") && !text.contains("not NULL")
}

fn call(text: &mut String, objects: &Objects, f: &Function) -> Result<()> {
    let gives = match objects.gives(&f.name) {
        None => "void".into(),
        Some(Gives::Text) => "std::string".into(),
        Some(Gives::Json(ty)) => value(ty),
    };
    // Of what may be missing those that come last need not be given.
    const MISSING: &str = " = std::nullopt";
    let (mut takes, mut last, mut passes) = (Vec::new(), Vec::new(), Vec::new());
    let mut after = String::new();
    for (at, param) in f.params.iter().enumerate() {
        let name = &param.name;
        match (&*param.ty, objects.takes(&f.name, name)) {
            // Of two, the last one tells the outcome.
            ("tim_comm_callback", _) if at + 2 < f.params.len() => {
                passes.push("nullptr".to_owned());
            }
            ("tim_comm_callback", _) => passes.push("done".to_owned()),
            ("const void *", _) => passes.push("data".to_owned()),
            ("const char *", Some(ty)) if may_be_null(f, param) => {
                let ty = value(ty);
                last.push(format!("const std::optional<{ty}> &{name} = std::nullopt"));
                passes.push(format!("{name} ? to_json(*{name}).c_str() : nullptr"));
            }
            ("const char *", Some(ty)) => {
                takes.push(format!("const {} &{name}", value(ty)));
                passes.push(format!("to_json({name}).c_str()"));
            }
            ("const char *", None) if may_be_null(f, param) => {
                takes.push(format!("const std::optional<std::string> &{name}{MISSING}"));
                passes.push(format!("{name} ? detail::text(*{name}) : nullptr"));
            }
            ("const char *", None) => {
                takes.push(format!("const std::string &{name}"));
                passes.push(format!("detail::text({name})"));
            }
            // What a function fills in.
            ("char *", _) => {
                last.push(format!("std::string *{name} = nullptr"));
                passes.push("buffer".to_owned());
                after = format!("            if ({name}) *{name} = buffer;\n");
            }
            (ty, _) => {
                takes.push(format!("{ty} {name}"));
                passes.push(name.clone());
            }
        }
    }
    let is_odd = |p: &&Param| {
        p.ty.ends_with('*') && !matches!(&*p.ty, "const char *" | "char *" | "const void *")
    };
    if let Some(odd) = f.params.iter().find(is_odd) {
        return Err(format!("{FILE}: cannot pass {} of {}", odd.name, f.name));
    }
    says(text, f);
    let method = f.name.strip_prefix("tim_").unwrap_or(&f.name);
    let behind = takes.iter().rposition(|take| !take.ends_with(MISSING));
    for take in takes.iter_mut().take(behind.unwrap_or(0)) {
        take.truncate(take.trim_end_matches(MISSING).len());
    }
    takes.append(&mut last);
    let (takes, passes) = (takes.join(", "), passes.join(", "));
    let call = format!("{}({passes})", f.name);
    let body = if after.is_empty() {
        format!("            return {call};\n")
    } else {
        format!(
            "            char buffer[128] = \"\";\n            int code = {call};\n{after}            return code;\n"
        )
    };
    let _ = writeln!(
        text,
        "    Call<{gives}> {method}({takes}) {{\n        \
         return Call<{gives}>::make([&](tim_comm_callback done, const void *data) {{\n{body}        }});\n    }}\n"
    );
    Ok(())
}

fn listener(text: &mut String, objects: &Objects, f: &Function, callback: &Function) -> Result<()> {
    let is_set = f.name.starts_with("tim_set_");
    let event = f
        .name
        .strip_prefix("tim_set_")
        .or(f.name.strip_prefix("tim_add_"));
    let event = event.and_then(|name| name.strip_suffix("_callback"));
    let event = event.ok_or_else(|| format!("{FILE}: which event is {} for?", f.name))?;
    let (mut types, mut params, mut passes) = (Vec::new(), Vec::new(), Vec::new());
    for param in &callback.params {
        let (ty, name) = (&param.ty, &param.name);
        match (&**ty, objects.takes(&callback.name, name)) {
            ("const void *", _) => {
                params.push("const void *".to_owned());
                continue;
            }
            ("const char *", Some(json)) => {
                types.push(format!("const {} &", value(json)));
                passes.push(format!("detail::told<{}>({name})", value(json)));
            }
            ("const char *", None) => {
                types.push("const std::string &".into());
                passes.push(format!("std::string({name} ? {name} : \"\")"));
            }
            (ty, _) if ty.ends_with('*') => {
                return Err(format!("{FILE}: cannot pass {name} of {}", callback.name));
            }
            (ty, _) => {
                types.push(ty.to_owned());
                passes.push(name.clone());
            }
        }
        let space = if ty.ends_with('*') { "" } else { " " };
        params.push(format!("{ty}{space}{name}"));
    }
    let (types, params, passes) = (types.join(", "), params.join(", "), passes.join(", "));
    let (set, end) = if is_set {
        (
            format!("{}(is_set ? told : nullptr, nullptr);", f.name),
            format!("{}(nullptr, nullptr);", f.name),
        )
    } else {
        let remove = f.name.replacen("_add_", "_remove_", 1);
        (
            format!("is_set ? {}(told, nullptr) : {remove}(told);", f.name),
            format!("{remove}(told);"),
        )
    };
    says(text, f);
    let _ = writeln!(
        text,
        "    void on_{event}(std::function<void({types})> f) {{\n        \
         static auto &listener = *new detail::Listener<{types}>();\n        \
         static constexpr {} told = []({params}) {{ listener.tell({passes}); }};\n        \
         bool is_set = listener.set(std::move(f));\n        \
         {set}\n        \
         at_end([] {{\n            {end}\n            listener.set(nullptr);\n        }});\n    }}\n",
        callback.name
    );
    Ok(())
}
