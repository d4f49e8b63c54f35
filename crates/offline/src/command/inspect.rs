//! `inspect`: makes the same checks as `wrap`, without a secret. It shows no words, because people have to
//! compare what `wrap` itself reads.

use keyferry_core::bi;
use keyferry_sandbox::Folders;
use serde_json::json;

use crate::args::Inspect;
use crate::context::Context;
use crate::error::OfflineError;
use crate::inputs::Inputs;

pub(crate) fn run(args: &Inspect, context: &Context) -> Result<(), OfflineError> {
    let inputs = Inputs::load(args, false, context)?;
    // Nothing more is opened. There is no secret, so a kernel without Landlock does not stop the command.
    let _ = context.confinement.narrow(&Folders::new());
    let console = context.console.to_read();
    inputs.show(&console);
    let digest = inputs.parameters.digest();
    inputs.outcome()?;
    console.say(&bi!(
        "  Nothing has been compared yet: `keyferry-offline wrap` shows the words to compare, and asks.",
        "  尚未核对任何内容：`keyferry-offline wrap` 会显示要核对的词语并提问。"
    ));
    if console.json() {
        let keys: Vec<_> = inputs
            .parameters
            .entries()
            .iter()
            .map(|c| {
                json!({
                    "alias": c.entry().alias, "region": c.entry().region, "key_id": c.entry().key_id,
                    "bits": c.material().length.bits(), "algorithm": c.entry().algorithm,
                    "wrapping_key_sha256": c.wrapping_key().fingerprint(), "expires_at": c.entry().expires_at,
                })
            })
            .collect();
        console.result(&json!({
            "ceremony": inputs.plan.ceremony(), "purpose": inputs.plan.purpose(),
            "plan_sha256": inputs.plan.digest(), "parameters_sha256": digest,
            "keys": keys, "missing": inputs.parameters.missing(),
        }));
    } else {
        console.result_line(&digest.to_string());
    }
    Ok(())
}
