//! A method of the client for each function, an event for each callback that is set.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::native::plain;
use super::values::{reader, writer};
use super::{HEAD, camel, pascal, value_type};
use crate::Result;
use crate::objects::{Gives, Objects, Type};
use crate::parse::{Function, Header, Param};

const USING: &str = "\
using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Tim
{
    public sealed partial class TimClient
    {
";

/// What TimClient.cs does by hand.
const BY_HAND: &[&str] = &[
    "tim_init",
    "tim_uninit",
    "tim_poll",
    "tim_poll_fd",
    "tim_set_wakeup_callback",
    "tim_get_login_status",
    "tim_get_login_user_id",
    "tim_get_sdk_version",
    "tim_get_server_time",
    "tim_get_stats",
    "tim_error_name",
    "tim_conv_set_draft",
    "tim_conv_cancel_draft",
    "tim_conv_subscribe_unread_message_count_by_filter",
    "tim_conv_unsubscribe_unread_message_count_by_filter",
];

pub(super) fn generate(header: &Header, objects: &Objects) -> Result<String> {
    let mut text = HEAD.to_owned() + USING;
    let mut events = Vec::new();
    for function in &header.functions {
        let types: Vec<&str> = function.params.iter().map(|p| &*p.ty).collect();
        let name = &*function.name;
        match types[..] {
            _ if BY_HAND.contains(&name) => {}
            [.., "tim_comm_callback", "const void *"] => {
                method(&mut text, header, objects, function)?
            }
            [callback, "const void *"] if callback.ends_with("_callback") => {
                events.push(event(&mut text, header, objects, function)?);
            }
            // Goes with its tim_add_.
            [callback] if callback.ends_with("_callback") && name.starts_with("tim_remove_") => {}
            [] if function.ret == "int" => {
                let method = pascal(&name[4..]);
                let _ = write!(
                    text,
                    "{}        /// <exception cref=\"TimException\">What {name} returned was not 0.</exception>\n        \
                     public void {method}()\n        {{\n            Mine();\n            \
                     Check(NativeMethods.{name}(), \"{name}\");\n        }}\n\n",
                    super::summary(&function.doc, "        ")
                );
            }
            _ => {
                return Err(format!(
                    "C#: how is {name} called? Write it in TimClient.cs and list it in BY_HAND"
                ));
            }
        }
    }
    registration(&mut text, header, &events);
    text.push_str("    }\n}\n");
    Ok(text)
}

fn method(
    text: &mut String,
    header: &Header,
    objects: &Objects,
    function: &Function,
) -> Result<()> {
    let name = &*function.name;
    let gives = objects.gives(name);
    let (result, read) = match gives {
        None => ("object".to_owned(), "null".to_owned()),
        Some(Gives::Text) => ("string".to_owned(), "Text.FromNative".to_owned()),
        Some(Gives::Json(ty)) => (value_type(ty, false), read_native(ty, "text")?),
    };
    let task = if gives.is_none() {
        "Task".to_owned()
    } else {
        format!("Task<{result}>")
    };
    let read = if read.contains('(') {
        format!("text => {read}")
    } else {
        read
    };
    let given = &function.params[..function.params.len() - 2];
    // A method without the buffer, and one that gives what is in it.
    let buffers: &[bool] = if given.iter().any(|p| p.ty == "char *") {
        &[false, true]
    } else {
        &[false]
    };
    for &with_buffer in buffers {
        let (mut parameters, mut arguments, mut before, mut after) =
            (Vec::new(), Vec::new(), String::new(), String::new());
        for param in given {
            if param.ty == "tim_comm_callback" {
                // Of two, the last one tells the outcome.
                arguments.push("null".to_owned());
                continue;
            }
            if param.ty == "char *" {
                if with_buffer {
                    let out = camel(param.name.trim_end_matches("_buffer"));
                    parameters.push(format!("out string {out}"));
                    let _ = write!(
                        before,
                        "            {out} = \"\";\n            var buffer = new byte[128];\n"
                    );
                    let _ = writeln!(after, "                {out} = Text.FromBuffer(buffer);");
                }
                arguments.push(if with_buffer { "buffer" } else { "null" }.to_owned());
                continue;
            }
            let (parameter, argument) = passed(header, objects, name, param)?;
            parameters.push(parameter);
            arguments.push(argument);
        }
        arguments.extend(["Pending.Completed".to_owned(), "pending.Number".to_owned()]);
        let _ = write!(
            text,
            "{}        public {task} {}Async({})\n        {{\n{before}            \
             var pending = new Pending<{result}>({read});\n            try\n            {{\n                \
             Mine();\n                int code = NativeMethods.{name}({});\n{after}                \
             pending.Returned(code, \"{name}\");\n            }}\n            catch (Exception e)\n            {{\n                \
             pending.Refuse(e);\n            }}\n            return pending.Task;\n        }}\n\n",
            super::summary(&function.doc, "        "),
            pascal(&name[4..]),
            parameters.join(", "),
            arguments.join(", ")
        );
    }
    Ok(())
}

/// A parameter of the method, and what C is given.
fn passed(
    header: &Header,
    objects: &Objects,
    function: &str,
    param: &Param,
) -> Result<(String, String)> {
    let name = camel(param.name.trim_start_matches("json_"));
    if param.ty == "bool" {
        return Ok((format!("bool {name}"), name));
    }
    if param.ty != "const char *" {
        return Ok((format!("{} {name}", plain(header, &param.ty)?), name));
    }
    Ok(match objects.takes(function, &param.name) {
        None | Some(Type::Any) => (format!("string {name}"), format!("Text.ToNative({name})")),
        Some(ty) => {
            let json = match ty {
                Type::Array(of) => format!("Json.TextOfList({name}, {})", writer(of)),
                Type::Object(_) => format!("Json.Text({name}, {})", writer(ty)),
                _ => return Err(format!("C#: what is {name} of {function}?")),
            };
            (
                format!("{} {name}", value_type(ty, false)),
                format!("Text.ToNative({json})"),
            )
        }
    })
}

/// The expression that reads what C gives.
fn read_native(ty: &Type, text: &str) -> Result<String> {
    Ok(match ty {
        Type::Any => format!("Text.FromNative({text})"),
        Type::Array(of) => format!("Json.ReadList({text}, {})", reader(of)),
        Type::Object(_) => format!("Json.Read({text}, {})", reader(ty)),
        ty => return Err(format!("C#: no reader for {ty:?} alone")),
    })
}

struct Event<'h> {
    name: String,
    callback: &'h str,
    setter: &'h str,
    remover: Option<&'h str>,
}

fn event<'h>(
    text: &mut String,
    header: &'h Header,
    objects: &Objects,
    function: &'h Function,
) -> Result<Event<'h>> {
    let setter = &*function.name;
    let callback = &function.params[0].ty;
    let declared = header
        .callbacks
        .iter()
        .find(|c| c.name == *callback)
        .ok_or_else(|| format!("no {callback}"))?;
    let name = setter
        .trim_start_matches("tim_set_")
        .trim_start_matches("tim_add_");
    let name = pascal(
        name.trim_end_matches("_callback")
            .trim_end_matches("_listener"),
    );
    let field = format!("_{}{}", name[..1].to_ascii_lowercase(), &name[1..]);
    let (mut types, mut parameters, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let (mut reads, mut told) = (String::new(), Vec::new());
    for param in &declared.params {
        if param.name == "user_data" {
            parameters.push("IntPtr user_data".to_owned());
            continue;
        }
        let value = camel(&param.name);
        told.push(&*param.name);
        if param.ty == "const char *" {
            parameters.push(format!("IntPtr {}", param.name));
            let (ty, read) = match objects.takes(callback, &param.name) {
                None => (
                    "string".to_owned(),
                    format!("Text.FromNative({})", param.name),
                ),
                Some(ty) => (value_type(ty, false), read_native(ty, &param.name)?),
            };
            let _ = writeln!(reads, "                {ty} {value}Value = {read};");
            types.push(ty);
            values.push(format!("{value}Value"));
        } else {
            let ty = plain(header, &param.ty)?;
            parameters.push(format!("{ty} {}", param.name));
            types.push(ty);
            values.push(param.name.clone());
        }
    }
    let ty = if types.is_empty() {
        "Action".to_owned()
    } else {
        format!("Action<{}>", types.join(", "))
    };
    let _ = write!(
        text,
        "        static readonly {callback} s_on{name} = On{name};\n        {ty} {field};\n\n\
         {doc}        /// <remarks>{setter}{what}</remarks>\n        \
         public event {ty} {name}\n        {{\n            \
         add\n            {{\n                lock (s_lock)\n                    {field} += value;\n                \
         if (_started && !_disposed)\n                    Register{name}();\n            }}\n            \
         remove\n            {{\n                lock (s_lock)\n                    {field} -= value;\n            }}\n        }}\n\n        \
         [AOT.MonoPInvokeCallback(typeof({callback}))]\n        \
         static void On{name}({parameters})\n        {{\n            try\n            {{\n                \
         TimClient client = Find(user_data);\n                \
         if (client?.{field} == null)\n                    return;\n{reads}                \
         client.Tell(() => client.{field}, {call});\n            }}\n            catch (Exception e)\n            {{\n                \
         Report(Find(user_data), e);\n            }}\n        }}\n\n        \
         bool _has{name};\n\n        \
         void Register{name}()\n        {{\n            if ({field} == null || _has{name})\n                return;\n            \
         _has{name} = true;\n            NativeMethods.{setter}(s_on{name}, _number);\n        }}\n\n",
        doc = super::summary(&declared.doc, "        "),
        what = if values.is_empty() {
            ".".to_owned()
        } else {
            format!(": {}.", told.join(", "))
        },
        parameters = parameters.join(", "),
        call = if values.is_empty() {
            "one => ((Action)one)()".to_owned()
        } else {
            format!("one => (({ty})one)({})", values.join(", "))
        },
    );
    let mut removers = header.functions.iter().map(|f| &*f.name);
    let remover = setter
        .strip_prefix("tim_add_")
        .and_then(|rest| removers.find(|f| *f == format!("tim_remove_{rest}")));
    Ok(Event {
        name,
        callback,
        setter,
        remover,
    })
}

fn registration(text: &mut String, header: &Header, events: &[Event<'_>]) {
    let names: HashSet<&str> = header.callbacks.iter().map(|c| &*c.name).collect();
    debug_assert!(events.iter().all(|e| names.contains(e.callback)));
    text.push_str("        void RegisterEvents()\n        {\n");
    for event in events {
        let _ = writeln!(text, "            Register{}();", event.name);
    }
    text.push_str("        }\n\n        void UnregisterEvents()\n        {\n");
    for event in events {
        match event.remover {
            Some(remover) => {
                let _ = writeln!(
                    text,
                    "            NativeMethods.{remover}(s_on{});",
                    event.name
                );
            }
            None => {
                let _ = writeln!(
                    text,
                    "            NativeMethods.{}(null, IntPtr.Zero);",
                    event.setter
                );
            }
        }
    }
    text.push_str("        }\n");
}
