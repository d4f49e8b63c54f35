//! `bench`: how many keys per second a token wraps, compared with this computer. It destroys every key that it makes in
//! the token.

use keyferry_core::{Bilingual, bi};
use serde_json::json;

use super::{ModuleFile, load, start_child};
use crate::args::Bench;
use crate::bench::{self, Row};
use crate::context::Context;
use crate::error::HsmError;
use crate::module::Module;
use crate::pin;
use crate::token::Wanted;

/// Two sizes of wrapping keys, three paddings.
const ROWS: usize = 6;

pub(crate) fn run(args: &Bench, context: &Context) -> Result<(), HsmError> {
    let (console, of) = (&context.console, &args.probe);
    let file = ModuleFile::read(&of.module.module)?;
    let (mut host, _) = start_child(&of.module)?;
    let mut module = Module::new(&mut host);
    let info = load(&mut module, &file, &of.module, of.network, console)?;
    let wanted = Wanted { label: of.token.token_label.clone(), serial: of.token.serial.clone() };
    let tokens = module.tokens()?;
    let (token, token_info) = wanted.choose(&tokens)?;
    console.row(&bi!("token", "硬件令牌"), &crate::token::name(token));
    module.open(token, false)?;
    pin::log_in(&mut module, token_info, console)?;
    let mut progress = console.progress(bi!("measuring", "测量"), ROWS);
    let rows = bench::measure(&mut module, args.rounds, || progress.step())?;
    module.close()?;
    if console.json() {
        console.result(&json!({
            "module": {"file": file.path, "bytes": file.size, "sha256": file.sha256, "info": info},
            "token": token, "rounds": args.rounds,
            "wraps": rows.iter().map(Row::json).collect::<Vec<_>>(),
        }));
    } else {
        show(&rows, args.rounds, context);
    }
    Ok(())
}

fn show(rows: &[Row], rounds: u16, context: &Context) {
    let console = context.console.to_read();
    console.say(&bi!(
        "  Keys wrapped per second, one at a time: median of {rounds} rounds, with the token and this computer in turn.",
        "  每秒包装的密钥数（逐个包装）：{rounds} 轮的中位数，硬件令牌与本机交替进行。"
    ));
    let lines: Vec<[String; 5]> = rows
        .iter()
        .map(|row| {
            let text = |text: Bilingual| text.get(console.lang()).to_owned();
            let software = text(bi!("computer {:.0}/s", "本机 {:.0}/秒", row.software));
            let (token, ratio) = match &row.token {
                Ok(rate) => (text(bi!("token {rate:.0}/s", "硬件令牌 {rate:.0}/秒")), row.ratio()),
                Err(refusal) => (text(bi!("refused: {refusal}", "被拒绝：{refusal}")), None),
            };
            let ratio = ratio.map_or_else(String::new, |ratio| format!("×{ratio:.2}"));
            [row.padding.to_string(), format!("RSA-{}", row.bits), token, software, ratio]
        })
        .collect();
    console.table(&lines);
}
