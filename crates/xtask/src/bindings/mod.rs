//! What the bindings declare, written from the header and the list of objects.

use crate::{Result, objects, parse, read};

mod cpp;
mod csharp;
mod python;

pub(crate) fn run(check: bool) -> Result<()> {
    let header = parse::header(&read("include/tim.h")?)?;
    let objects = objects::read(&header)?;
    python::run(&header, &objects, check)?;
    cpp::run(&header, &objects, check)?;
    csharp::run(&header, &objects, check)
}
