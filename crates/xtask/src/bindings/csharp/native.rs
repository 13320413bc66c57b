//! The functions and callbacks as C has them, and its constants.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::{Docs, HEAD, enum_name, pascal};
use crate::parse::{Function, Header};
use crate::{Result, read};

const NATIVE: &str = r#"using System;
using System.Runtime.InteropServices;

namespace Tim
{
"#;
const CLASS: &str = r#"
    /// <summary>The functions of tim.h as they are: texts in are UTF-8 that ends with NUL, texts out are pointers that
    /// belong to the library. TimClient is what programs use; this is for what it does not have.</summary>
    public static class NativeMethods
    {
        // In iOS apps the library is linked into the program; so it is wherever TIM_INTERNAL is defined.
#if TIM_INTERNAL || (UNITY_IOS && !UNITY_EDITOR)
        const string Library = "__Internal";
#else
        const string Library = "tim";
#endif
"#;

pub(super) fn functions(header: &Header) -> Result<String> {
    let mut text = HEAD.to_owned() + NATIVE;
    for (n, callback) in header.callbacks.iter().enumerate() {
        let gap = if n == 0 { "" } else { "\n" };
        let _ = write!(
            text,
            "{gap}{}    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]\n    public delegate {} {}({});\n",
            super::summary(&callback.doc, "    "),
            result(header, callback)?.1,
            callback.name,
            parameters(header, callback)?
        );
    }
    text.push_str(CLASS);
    for function in &header.functions {
        let (attribute, ty) = result(header, function)?;
        let _ = write!(
            text,
            "\n{}        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]\n{attribute}        \
             public static extern {ty} {}({});\n",
            super::summary(&function.doc, "        "),
            function.name,
            parameters(header, function)?
        );
    }
    text.push_str("    }\n}\n");
    Ok(text)
}

fn parameters(header: &Header, function: &Function) -> Result<String> {
    let is_callback = header.callbacks.iter().any(|c| c.name == function.name);
    let all = function.params.iter().map(|param| {
        let ty = match &*param.ty {
            // What C gives belongs to C; what it is given is copied there.
            "const char *" if is_callback => "IntPtr".to_owned(),
            "const char *" | "char *" => "byte[]".to_owned(),
            "bool" => "[MarshalAs(UnmanagedType.I1)] bool".to_owned(),
            ty => plain(header, ty)?,
        };
        Ok(format!("{ty} {}", param.name))
    });
    Ok(all.collect::<Result<Vec<_>>>()?.join(", "))
}

/// An attribute, and the type.
fn result(header: &Header, function: &Function) -> Result<(&'static str, String)> {
    Ok(match &*function.ret {
        "void" => ("", "void".to_owned()),
        "const char *" => ("", "IntPtr".to_owned()),
        "bool" => (
            "        [return: MarshalAs(UnmanagedType.I1)]\n",
            "bool".to_owned(),
        ),
        ty => ("", plain(header, ty)?),
    })
}

/// A type that needs no care.
pub(super) fn plain(header: &Header, ty: &str) -> Result<String> {
    Ok(match ty {
        "int" | "int32_t" => "int".to_owned(),
        "uint32_t" => "uint".to_owned(),
        "int64_t" => "long".to_owned(),
        "uint64_t" => "ulong".to_owned(),
        "size_t" => "UIntPtr".to_owned(),
        "const void *" | "void *" => "IntPtr".to_owned(),
        ty if header.types.iter().any(|(name, _)| name == ty) => enum_name(ty),
        ty if header.callbacks.iter().any(|c| c.name == ty) => ty.to_owned(),
        _ => return Err(format!("no C# for {ty}")),
    })
}

pub(super) fn constants(header: &Header, docs: &Docs<'_>) -> Result<String> {
    let members = members(&read("crates/xtask/src/vendor.txt")?);
    let values: HashMap<&str, &str> = header
        .constants
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let mut text = HEAD.to_owned() + "using System;\n\nnamespace Tim\n{\n";
    let mut placed: HashSet<&str> = HashSet::new();
    for (name, c_type) in &header.types {
        let all: Vec<&str> = members
            .get(name)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let all: Vec<&str> = all
            .into_iter()
            .filter(|name| values.contains_key(name))
            .collect();
        if all.is_empty() {
            return Err(format!("no constants for {name}"));
        }
        let doc = docs.summary(name, "    ");
        text.push_str(&doc);
        if doc.contains("bits") {
            text.push_str("    [Flags]\n");
        }
        let base = plain(header, c_type)?;
        let _ = writeln!(text, "    public enum {} : {base}\n    {{", enum_name(name));
        let prefix = prefix(&all);
        for (n, constant) in all.iter().enumerate() {
            if n > 0 {
                text.push('\n');
            }
            text.push_str(&docs.summary(constant, "        "));
            let _ = writeln!(
                text,
                "        {} = {},",
                pascal(&constant[prefix..]),
                values[constant]
            );
        }
        text.push_str("    }\n\n");
        placed.extend(all);
    }
    text.push_str("    /// <summary>What a call ends with: TIM_ERR_ of tim.h.</summary>\n    public static class TimCode\n    {\n");
    let mut gap = "";
    for (name, value) in &header.constants {
        if let Some(code) = name.strip_prefix("TIM_ERR_") {
            let _ = writeln!(
                text,
                "{gap}{}        public const int {} = {value};",
                docs.summary(name, "        "),
                pascal(code)
            );
            gap = "\n";
        } else if !placed.contains(&**name)
            && name != "TIM_SUCC"
            && !name.starts_with("TIM_VERSION")
            && name != "TIM_API"
        {
            return Err(format!("no enum for {name}"));
        }
    }
    let version = values.get("TIM_VERSION").copied().unwrap_or("\"\"");
    let _ = write!(
        text,
        "    }}\n\n    /// <summary>Of the header that this was made from.</summary>\n    public static class TimVersion\n    {{\n        \
         public const string Header = {version};\n    }}\n}}\n"
    );
    Ok(text)
}

/// The constants of each enum: in the list of names they stand below it.
fn members(names: &str) -> HashMap<String, Vec<String>> {
    let mut all: HashMap<String, Vec<String>> = HashMap::new();
    let mut last = "";
    for line in names.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["type", _, ours] => last = ours,
            ["value", _, ours] => all
                .entry(last.to_owned())
                .or_default()
                .push(ours.to_owned()),
            _ => {}
        }
    }
    all
}

/// How much of their names constants have in common, in whole words.
fn prefix(names: &[&str]) -> usize {
    let first = names[0];
    let mut ends = first.match_indices('_').map(|(at, _)| at + 1);
    let common = |&at: &usize| {
        names
            .iter()
            .all(|n| n.len() > at && n[..at] == first[..at] && !n.as_bytes()[at].is_ascii_digit())
    };
    ends.rfind(common).unwrap_or(0)
}
