//! `preflight`: checks whether this machine is fit for the ceremony, and always shows the whole table.

use std::path::PathBuf;

use keyferry_core::bi;
use keyferry_transport::Console;
use keyferry_transport::show::estimate;
use serde_json::json;

use super::machine;
use crate::args::Preflight;
use crate::confine;
use crate::context::Context;
use crate::error::OfflineError;
use crate::inputs::Peeked;
use crate::posture::{self, Demands, Output, PreflightFailed};

pub(crate) fn run(args: &Preflight, context: &Context) -> Result<(), OfflineError> {
    let load = |plan: &PathBuf| Peeked::load(plan, args.parameters.as_deref(), args.now, context);
    let peeked = args.plan.as_ref().map(load).transpose()?;
    let demands = match &peeked {
        Some(peeked) => Demands::of_plan(&peeked.plan, &args.lower)?,
        None => Demands::baseline(),
    };
    let output = args.out.as_deref().map(|folder| Output { folder, secret: false });
    let window = peeked.as_ref().and_then(|p| p.window);
    let program = peeked.as_ref().and_then(|p| p.plan.posture().program_sha256);
    let report = machine::look(context, output, args.now, window, program);
    let report = report.with(&confine::try_out(args.out.as_deref(), context)?);
    let console = &context.console.to_read();
    if let Some(peeked) = &peeked {
        estimate::say(&peeked.plan, console);
    }
    posture::show_table(&report, &demands, console);
    let verdict = posture::demand(&report, &demands);
    if console.json() {
        let mut table = posture::to_json(&report, &demands);
        if let Some(members) = table.as_object_mut() {
            members.insert("fit".into(), verdict.is_ok().into());
            let error = verdict.as_ref().err().map(|e| Console::error_json(e));
            members.insert("error".into(), json!(error));
        }
        console.result(&table);
    }
    match verdict {
        Ok(_) => {
            console.say(&bi!("  This machine meets the requirements.", "  本机符合要求。"));
            Ok(())
        }
        Err(error) => Err(PreflightFailed(error).into()),
    }
}
