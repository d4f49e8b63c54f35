//! `cargo xtask controls`: writes `ceremony/operate/controls.md` and `ceremony/operate/controls.zh-CN.md` from the core's list of controls.

mod page;

use std::fs;

use crate::run::{self, Stop};

pub(crate) fn controls(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("usage: cargo xtask controls"));
    }
    for (lang, file) in page::PAGES {
        fs::write(run::root().join(file), page::page(lang))
            .map_err(|e| Stop::failed(format!("{file}: {e}")))?;
        println!("{file}");
    }
    Ok(())
}
