//! Why a task about a plan was not done.

use keyferry_audit::record::VerifyError;
use keyferry_core::{Bilingual, CeremonyId, PlanError, bi, refusals};
use keyferry_transport::FileError;

refusals! {
    /// Everything that can stop `keyferry plan`.
    #[derive(Debug)]
    #[allow(missing_docs)] // Each variant holds the error of one module.
    pub enum Error {
        File from FileError;
        Record from VerifyError;
        Task from PlanTaskError;
    }
}

refusals! {
    /// Why a task about a plan was not done.
    #[derive(Debug)]
    #[allow(missing_docs)] // The members are counts and ids.
    pub enum PlanTaskError: Refused {
        /// The plan itself is wrong.
        Plan from PlanError;
        /// The judge refused the plan; its findings have been printed.
        Judged { errors: usize, warnings: usize } => PLAN_READY,
            what(judged(*errors, *warnings)),
            hint("correct the errors, have the plan reviewed again, and run this again; no key was created",
                 "请更正错误，重新审阅计划，然后再次运行；尚未创建任何密钥");
        /// Nobody answered a question.
        NoAnswer => CONSENT,
            what("there was no answer to a question about the plan", "关于计划的问题没有得到回答"),
            hint("run it on a terminal, or give one answer per line on standard input; no file was written",
                 "请在终端上运行，或在标准输入中每行给出一个回答；未写出任何文件");
        /// The ceremony has no shares, and no token made its keys.
        NoShares => BACKUP_RECORD,
            what("the record has no shares that recover its keys", "该档案中没有可恢复其密钥的分片"),
            hint("no material can be recovered from it: plan new keys. No file was written",
                 "无法从中恢复任何材料：请规划新的密钥。未写出任何文件");
        /// The recovery has the id of the ceremony that it recovers from.
        SameCeremony(ceremony: CeremonyId) => PLAN_DUPLICATE,
            what("{ceremony} is the id of the ceremony that is to be recovered", "{ceremony} 正是被恢复的那次仪式"),
            hint("give --ceremony an id that is new in your organisation. No file was written",
                 "请用 --ceremony 给出组织内全新的 ID。未写出任何文件");
    }
}

fn judged(errors: usize, warnings: usize) -> Bilingual {
    bi!(
        "the plan is refused; errors: {errors}, warnings: {warnings}",
        "计划被拒绝；错误 {errors} 项，警告 {warnings} 项"
    )
}
