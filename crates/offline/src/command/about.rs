//! `self`: shows the program's identity, how it was built, and every crate inside it. Reads only its own file.

use keyferry_core::{Lang, bi};
use keyferry_transport::console::Mark;
use serde_json::{Map, Value, json};

use crate::context::{Context, PROGRAM, VERSION};
use crate::error::OfflineError;
use crate::program::{BUILT, components, own_digest};

pub(crate) fn run(context: &Context) -> Result<(), OfflineError> {
    let digest = own_digest()?;
    let console = &context.console.to_read();
    console.line(PROGRAM);
    let names = [
        bi!("compiler", "编译器"),
        bi!("target", "目标平台"),
        bi!("profile", "编译配置"),
        bi!("flags", "编译选项"),
        bi!("revision", "源码版本"),
    ];
    for (name, (_, value)) in names.into_iter().zip(BUILT) {
        let untold = bi!("not stated by the build", "构建时未提供");
        console.row(&name, value.unwrap_or_else(|| untold.get(console.lang())));
    }
    console.digest(&bi!("own SHA-256", "自身 SHA-256"), &digest, &Lang::BOTH);
    console.row(&bi!("crates", "组件"), &components().count().to_string());
    for c in components() {
        console.item(Mark::Plain, "    ", &format!("{} {}  {}", c.name, c.version, c.reason));
    }
    console.say(&bi!(
        "  Compare the SHA-256 with SHA256SUMS of the release, also on another machine, because a changed program could show anything.",
        "  请将 SHA-256 与发行版的 SHA256SUMS 核对，并在另一台机器上再核对一次：被改动的程序可以显示任何内容。"
    ));
    if console.json() {
        let built: Map<String, Value> =
            BUILT.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let crates: Vec<Value> = components()
            .map(|c| json!({"name": c.name, "version": c.version, "at_build_time": c.at_build_time, "reason": c.reason}))
            .collect();
        console.result(&json!({
            "program": "keyferry-offline", "version": VERSION, "sha256": digest, "built": built, "crates": crates,
        }));
    } else {
        console.result_line(&digest.to_string());
    }
    Ok(())
}
