//! Why a journal was not rebuilt.

use std::path::PathBuf;

use keyferry_core::refusals;
use keyferry_service::KeyState;

refusals! {
    /// Why a journal was not rebuilt.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum RebuildError: Refused {
        /// There is no record.
        NoRecord(path: PathBuf) => JOURNAL_REBUILT,
            what("{} has no line, so there is nothing to rebuild a journal from. Nothing was sent", "{} 没有任何内容，无法据以重建操作台账。未发送任何请求", path.display()),
            hint("give the transcript.jsonl of the ceremony that fetched parameters for these keys last",
                 "请给出最近一次为这些密钥获取参数的仪式的 transcript.jsonl");
        /// Its exports ran under another plan.
        OtherPlan => JOURNAL_REBUILT,
            what("the record's last export did not run under this plan. Nothing was sent", "记录中最近一次导出依据的不是本计划。未发送任何请求"),
            hint("give the plan and the record of one ceremony", "请给出同一次仪式的计划与记录");
        /// The key holds material that the record does not mention.
        Untold {
            /// The key's state.
            state: KeyState,
        } => JOURNAL_REBUILT,
            what("the key is {state}, and the record mentions no material that it can hold. Its journal was not rebuilt",
                 "密钥状态为 {state}，而记录中没有它可能持有的材料。未重建其操作台账"),
            hint("look for a later record of this key; without one, `import --prove-backup` of its shares shows what it holds",
                 "请查找该密钥更晚的记录；若没有，可用其分片执行 `import --prove-backup` 证明所持材料");
        /// The record says that material was imported, but not which material.
        Incomplete => JOURNAL_REBUILT,
            what("the record mentions an import, but not its token or material. The journal was not rebuilt",
                 "记录中有一次导入，但没有其导入令牌或材料。未重建操作台账"),
            hint("give the whole record, as it came back from the ceremony", "请给出仪式结束时带回的完整记录");
    }
}
