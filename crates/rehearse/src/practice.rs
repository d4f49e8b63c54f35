//! A rehearsal by people: each step is announced, and its command runs in their terminal when somebody presses Enter.

use keyferry_core::{Bilingual, bi};
use keyferry_transport::Console;

use super::RehearseError;

/// Refuses to begin if nobody can press Enter.
pub(super) fn check_terminal(console: &Console) -> Result<(), RehearseError> {
    if console.is_terminal() { Ok(()) } else { Err(RehearseError::NoTerminal) }
}

/// Waits for Enter.
///
/// # Errors
/// [`RehearseError::Stopped`] if somebody typed `s`, or nothing can be read.
pub(super) fn wait(console: &Console, step: &str) -> Result<(), RehearseError> {
    let question = bi!("Enter runs it, s stops:", "按回车运行，输入 s 停止：");
    loop {
        match console.ask(&question).as_deref().map(str::trim) {
            Some("") => return Ok(()),
            Some("s" | "S") | None => return Err(RehearseError::Stopped { step: step.into() }),
            Some(_) => {}
        }
    }
}

/// Whether people may decide what follows this failure, because the command ran and can be repeated.
pub(super) fn can_be_repeated(console: &Console, error: RehearseError) -> Result<(), RehearseError> {
    if !matches!(error, RehearseError::Step { .. }) {
        return Err(error);
    }
    console.refuse_text(&error);
    console.say(&bi!(
        "  In a real ceremony: read what it says, and write it on the exception sheet. The same command can be run again.",
        "  正式仪式上：阅读它的提示，并写入异常记录表。同一命令可以再次运行。"
    ));
    Ok(())
}

/// States who does what in a step; `None` for a step that is not part of the ceremony.
pub(super) fn who_acts(step: &str) -> Option<Bilingual> {
    let who = match step {
        "plan check" => bi!(
            "the plan's author types; the reviewers read each warning",
            "由计划的作者键入；审阅者阅读每条警告"
        ),
        "create-key" => bi!(
            "the operator types Yes if the digest is the one on the paper; the witness compares",
            "摘要与纸上一致时由操作员输入 Yes；见证人核对"
        ),
        "export" => bi!(
            "the operator reads the plan digest aloud and types Yes; the witness compares, then writes down the words of parameters.json and the head",
            "操作员宣读计划摘要并输入 Yes；见证人核对，然后抄写 parameters.json 的词语与链尾摘要"
        ),
        "preflight" => bi!("the operator and the witness look at each row", "操作员与见证人逐行查看"),
        "inspect" => bi!(
            "the operator types; the witness compares the digest and each key with the plan",
            "由操作员键入；见证人将摘要与每个密钥同计划核对"
        ),
        "wrap" => bi!(
            "the operator reads digest, head and words aloud; the witness compares with the paper; with shares, each custodian then comes alone, copies their share and types it back",
            "操作员宣读摘要、链尾摘要与词语；见证人与纸上核对；如有分片，各保管人随后单独上前，抄写并读回自己的分片"
        ),
        "import" => bi!(
            "the operator reads the KCVs and the words of ciphertext.json aloud and types Yes; the witness compares",
            "操作员宣读 KCV 与 ciphertext.json 的词语并输入 Yes；见证人核对"
        ),
        "status" => {
            bi!("the operator types; the witness looks at each key", "由操作员键入；见证人查看每个密钥")
        }
        "archive" => bi!(
            "the operator collects the record; the witness writes down the last head",
            "操作员收集仪式档案；见证人抄写最后的链尾摘要"
        ),
        "sign" => bi!(
            "this person compares the head with the paper and signs; here with a key made for the rehearsal",
            "由此人将链尾摘要与纸上核对并签名；此处使用为演练生成的密钥"
        ),
        "verify" | "report" => {
            bi!("the auditor, or anybody who has the archive", "审计员，或任何持有档案的人")
        }
        _ => return None,
    };
    Some(who)
}
