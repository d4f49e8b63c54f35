//! `probe`: what a module does. It destroys every key that it makes in the token.

use keyferry_core::bi;
use serde_json::json;

use super::{ModuleFile, load, start_child};
use crate::args::Probe;
use crate::context::Context;
use crate::error::HsmError;
use crate::module::Module;
use crate::pin;
use crate::probe::{self, Row};
use crate::token::Wanted;

pub(crate) fn run(args: &Probe, context: &Context) -> Result<(), HsmError> {
    let console = &context.console;
    let file = ModuleFile::read(&args.module.module)?;
    let (mut host, _) = start_child(&args.module)?;
    let mut module = Module::new(&mut host);
    let info = load(&mut module, &file, &args.module, args.network, console)?;
    let wanted = Wanted { label: args.token.token_label.clone(), serial: args.token.serial.clone() };
    let tokens = module.tokens()?;
    let (token, token_info) = wanted.choose(&tokens)?;
    console.row(&bi!("token", "硬件令牌"), &crate::token::name(token));
    module.open(token, false)?;
    pin::log_in(&mut module, token_info, console)?;
    let rows = probe::table(&mut module)?;
    module.close()?;
    if !console.json() {
        show(&rows, context);
    } else {
        console.result(&json!({
            "module": {"file": file.path, "bytes": file.size, "sha256": file.sha256, "info": info},
            "token": token,
            "paddings": rows.iter().map(Row::json).collect::<Vec<_>>(),
        }));
    }
    Ok(probe::verdict(&rows)?)
}

fn show(rows: &[Row], context: &Context) {
    let console = context.console.to_read();
    let lines: Vec<[String; 5]> = rows
        .iter()
        .map(|row| {
            let kcv = row.kcv.as_ref().map_or_else(ToString::to_string, Clone::clone);
            [
                row.padding.to_string(),
                format!("AES-{}", row.bits),
                row.shown().get(console.lang()).to_owned(),
                format!("KCV {kcv}"),
                row.commitment.shown().get(console.lang()).to_owned(),
            ]
        })
        .collect();
    console.table(&lines);
}
