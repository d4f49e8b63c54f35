//! `inspect`: what a module says about itself. It changes nothing and needs no PIN. A module's list of mechanisms is no evidence
//! of what the module does.

use keyferry_core::bi;
use serde_json::json;

use super::{ModuleFile, load, start_child};
use crate::args::Inspect;
use crate::context::Context;
use crate::error::HsmError;
use crate::module::Module;
use crate::protocol::Token;
use crate::token::{self, TokenError};

pub(crate) fn run(args: &Inspect, context: &Context) -> Result<(), HsmError> {
    let console = context.console.to_read();
    let file = ModuleFile::read(&args.module.module)?;
    let (mut host, _) = start_child(&args.module)?;
    let mut module = Module::new(&mut host);
    let info = load(&mut module, &file, &args.module, args.network, &console)?;
    let all = module.tokens()?;
    let wanted = |token: &&Token| {
        let label = token.info.as_ref().map(|info| info.label.as_str());
        args.token_label.as_deref().is_none_or(|wanted| Some(wanted) == label)
    };
    let tokens: Vec<_> = all.iter().filter(wanted).collect();
    tokens.iter().for_each(|token| show(token, context));
    if let Some(label) = args.token_label.as_ref().filter(|_| tokens.is_empty()) {
        let found = all.iter().map(token::name).collect::<Vec<_>>().join("; ");
        return Err(TokenError::None { wanted: format!("\"{label}\""), found }.into());
    }
    module.close()?;
    console.say(&bi!(
        "  This is what the module says about itself. `keyferry-hsm probe` shows what it does.",
        "  以上是模块的自述。`keyferry-hsm probe` 可查看它实际能做什么。"
    ));
    if console.json() {
        console.result(&json!({
            "module": {"file": file.path, "bytes": file.size, "sha256": file.sha256, "info": info},
            "tokens": tokens,
        }));
    }
    Ok(())
}

fn show(token: &Token, context: &Context) {
    let console = context.console.to_read();
    console.row(&bi!("token", "硬件令牌"), &token::name(token));
    if let Some(info) = &token.info {
        let text = format!(
            "{}, {}; hardware {}, firmware {}",
            info.manufacturer, info.model, info.hardware, info.firmware
        );
        console.row(&bi!("made by", "厂商"), &text);
        let flags: Vec<_> = info.flags.iter().map(|flag| flag.name()).collect();
        console.row(&bi!("flags", "标志"), &flags.join(" "));
    }
    if let Some(refusal) = &token.unreadable {
        console.row(&bi!("unreadable", "无法读取"), &refusal.to_string());
    }
    for mechanism in &token.mechanisms {
        let uses =
            [(mechanism.generate, "generate"), (mechanism.encrypt, "encrypt"), (mechanism.wrap, "wrap")];
        let uses: Vec<_> = uses.into_iter().filter(|(has, _)| *has).map(|(_, name)| name).collect();
        console.row(&bi!("lists", "列出"), &format!("{} {}", mechanism.name.as_str(), uses.join(" ")));
    }
}
