//! A class for each JSON object.

use std::fmt::Write as _;

use super::{HEAD, enum_name, pascal, value_type};
use crate::Result;
use crate::objects::{Object, Objects, Type};
use crate::parse::Header;

const USING: &str = "\
// What is null was absent, and stays so when it is written. Unknown keys are left out.
using System;
using System.Collections.Generic;

namespace Tim
{
";

/// An object with more keys than these is of many kinds, of which each has a few: an element of a message.
const MANY: usize = 64;
/// How many of the keys of such an object, the first ones, are those of the most frequent kinds.
const OWN: usize = 6;

pub(super) fn generate(header: &Header, objects: &Objects) -> Result<String> {
    for (name, ty) in &header.types {
        if (underlying(name) == Type::UInt64) != (ty == "uint64_t") {
            return Err(format!("C#: how wide is {name}?"));
        }
    }
    let mut text = HEAD.to_owned() + USING;
    for (n, object) in objects.objects.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        class(&mut text, object)?;
    }
    text.push_str("}\n");
    Ok(text)
}

fn class(text: &mut String, object: &Object) -> Result<()> {
    let name = &object.name;
    let _ = writeln!(
        text,
        "    /// <summary>{name} of tim.h.</summary>\n    public sealed partial class {name}\n    {{"
    );
    let fields: Vec<(String, &str, &Type)> = object
        .fields
        .iter()
        .map(|field| (property(name, &field.name), &*field.key, &field.ty))
        .collect();
    let own = if fields.len() > MANY {
        OWN
    } else {
        fields.len()
    };
    for (n, (property, key, ty)) in fields.iter().enumerate() {
        let ty = value_type(ty, true);
        let _ = writeln!(text, "        /// <summary>{key}</summary>");
        if n < own {
            let _ = writeln!(text, "        public {ty} {property} {{ get; set; }}\n");
        } else {
            let _ = writeln!(
                text,
                "        public {ty} {property}\n        {{\n            \
                 get => _rest == null ? null : _rest.{property};\n            \
                 set\n            {{\n                if (_rest != null || value != null)\n                    \
                 (_rest ?? (_rest = new Rest())).{property} = value;\n            }}\n        }}\n"
            );
        }
    }
    if own < fields.len() {
        text.push_str("        // What most lack takes no room in them.\n        sealed class Rest\n        {\n");
        for (property, _, ty) in &fields[own..] {
            let _ = writeln!(
                text,
                "            internal {} {property};",
                value_type(ty, true)
            );
        }
        text.push_str("        }\n\n        Rest _rest;\n\n");
    }
    let keys: Vec<String> = fields
        .iter()
        .map(|(_, key, _)| format!("            \"{key}\""))
        .collect();
    let keys = keys.join(",\n");
    let _ = write!(
        text,
        "        static readonly JsonKeys s_keys = new JsonKeys(\n{keys});\n\n        internal static readonly Func<JsonReader, {name}> Read = ReadObject;\n        \
         internal static readonly Action<JsonWriter, {name}> Write = WriteObject;\n\n        \
         /// <exception cref=\"FormatException\">It is no such JSON.</exception>\n        \
         public static {name} FromJson(string json)\n        {{\n            \
         return Json.Parse(json, Read);\n        }}\n\n        \
         public string ToJson()\n        {{\n            \
         return Json.Text(this, Write);\n        }}\n\n        \
         static {name} ReadObject(JsonReader json)\n        {{\n            \
         if (json.Null())\n            {{\n                return null;\n            }}\n            \
         var value = new {name}();\n            json.BeginObject();\n            int key = 0;\n            \
         while ((key = json.NextKey(s_keys, key)) != 0)\n            {{\n                switch (key)\n                {{\n"
    );
    for (n, (property, _, ty)) in fields.iter().enumerate() {
        let _ = writeln!(
            text,
            "                    case {}:\n                        value.{property} = {};\n                        break;",
            n + 1,
            read(ty)
        );
    }
    let _ = write!(
        text,
        "                    default:\n                        json.Skip();\n                        break;\n                \
         }}\n            }}\n            return value;\n        }}\n\n        \
         static void WriteObject(JsonWriter json, {name} value)\n        {{\n            json.BeginObject();\n"
    );
    for (property, key, ty) in &fields {
        let _ = writeln!(
            text,
            "            {};",
            write_key(ty, key, &format!("value.{property}"))
        );
    }
    text.push_str("            json.EndObject();\n        }\n    }\n");
    Ok(())
}

/// No member may be called as its class is.
fn property(class: &str, field: &str) -> String {
    let name = pascal(field);
    if name == class || name == "Read" || name == "Write" {
        name + "Value"
    } else {
        name
    }
}

fn number(ty: &Type) -> &'static str {
    match ty {
        Type::Int32 => "ReadInt32",
        Type::UInt32 => "ReadUInt32",
        Type::Int64 => "ReadInt64",
        Type::UInt64 => "ReadUInt64",
        _ => "ReadDouble",
    }
}

/// The expression that reads a value with `json`.
fn read(ty: &Type) -> String {
    match ty {
        Type::Any => "json.ReadRaw()".to_owned(),
        Type::Text => "json.ReadString()".to_owned(),
        Type::Bool => "json.ReadBool()".to_owned(),
        Type::Enum(name) => format!("({}?)json.{}()", enum_name(name), number(&underlying(name))),
        Type::Object(name) => format!("{name}.Read(json)"),
        Type::Array(of) => format!("json.ReadList({})", reader(of)),
        ty => format!("json.{}()", number(ty)),
    }
}

/// A function that reads one; what it needs of lambdas captures nothing, so that there is one of each.
pub(super) fn reader(ty: &Type) -> String {
    match ty {
        Type::Any => "JsonReader.Raws".to_owned(),
        Type::Text => "JsonReader.Strings".to_owned(),
        Type::Object(name) => format!("{name}.Read"),
        Type::Array(_) => format!("item => {}", read(ty).replacen("json.", "item.", 1)),
        // null among numbers is nothing that the library writes
        Type::Enum(name) => format!(
            "item => ({})item.{}().GetValueOrDefault()",
            enum_name(name),
            number(&underlying(name))
        ),
        Type::Bool => "item => item.ReadBool().GetValueOrDefault()".to_owned(),
        ty => format!("item => item.{}().GetValueOrDefault()", number(ty)),
    }
}

/// A function that writes one.
pub(super) fn writer(ty: &Type) -> String {
    match ty {
        Type::Any => "JsonWriter.Raws".to_owned(),
        Type::Text => "JsonWriter.Strings".to_owned(),
        Type::Object(name) => format!("{name}.Write"),
        Type::Array(of) => format!("(to, items) => to.List(items, {})", writer(of)),
        Type::Bool => "(to, item) => to.Raw(item ? \"true\" : \"false\")".to_owned(),
        ty => format!("(to, item) => to.Value(({})item)", wide(ty)),
    }
}

fn write_key(ty: &Type, key: &str, value: &str) -> String {
    match ty {
        Type::Any => format!("json.WriteRaw(\"{key}\", {value})"),
        Type::Text | Type::Bool => format!("json.Write(\"{key}\", {value})"),
        Type::Object(name) => format!("json.WriteValue(\"{key}\", {value}, {name}.Write)"),
        Type::Array(of) => format!("json.WriteList(\"{key}\", {value}, {})", writer(of)),
        ty => format!("json.Write(\"{key}\", ({}?){value})", wide(ty)),
    }
}

fn wide(ty: &Type) -> &'static str {
    match ty {
        Type::Enum(name) if matches!(underlying(name), Type::UInt64) => "ulong",
        Type::UInt64 | Type::UInt32 => "ulong",
        Type::Double => "double",
        _ => "long",
    }
}

/// Enums are 32 bits wide, but for marks and permissions.
fn underlying(name: &str) -> Type {
    if name.ends_with("_mark_type") || name.ends_with("_permission_value") {
        Type::UInt64
    } else {
        Type::Int32
    }
}
