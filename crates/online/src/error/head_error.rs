//! Why a record is not the one that people compared.

use keyferry_core::{Fingerprint, Purpose, refusals};

refusals! {
    /// Why the record that was found is not the one to add to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum HeadError: Refused {
        /// Its head is not the expected one.
        Expected {
            /// The record's.
            found: Fingerprint,
            /// The expected head.
            expected: Fingerprint,
        } => CIPHER_DIGEST,
            what("the record's head is {found}; expected {expected}", "记录的链尾摘要是 {found}；应为 {expected}"),
            hint("stop: this is not the record whose head is on the paper. Nothing was sent. Copy the files again, and compare with the station that \
                  wrote them. If the command ran here before, it added lines: run it without --expect-head and the digest, and compare what it shows",
                 "停止：这不是纸上链尾摘要所指的记录。未发送任何内容。请重新复制文件，并与写出它们的工作站核对。若此处已运行过该命令，它已添加若干行：请去掉 --expect-head 与摘要选项运行，并核对所显示的内容");
        /// There is no record, but a head was expected.
        Missing(expected: Fingerprint) => CIPHER_DIGEST,
            what("there is no record; expected one with the head {expected}", "没有记录；应有链尾摘要为 {expected} 的记录"),
            hint("bring the transcript.jsonl whose head is on the paper, or give it with --transcript. Nothing was sent",
                 "请取来纸上链尾摘要所指的 transcript.jsonl，或用 --transcript 指定。未发送任何内容");
        /// The record changed after it was shown.
        Changed(shown: Fingerprint) => CIPHER_DIGEST,
            what("the record is no longer the one that was shown, with the head {shown}", "记录已不是显示过的那一份（链尾摘要 {shown}）"),
            hint("find out what else writes to this medium; take another copy, on another medium, and run the command again. Nothing was sent",
                 "请查明还有什么在写该介质；换一份介质上的副本，重新运行命令。未发送任何内容");
        /// A command in it ran for another purpose.
        Purpose {
            /// The purpose in the plan or the session.
            own: Purpose,
        } => PARAM_PURPOSE,
            what("this run is for a {name}, and a command in the record that was found ran for another purpose; nothing was sent, and \
                  the record is unchanged",
                 "本次运行用于{name}，而所见记录中有命令用于另一种仪式；未发送任何内容，记录保持原样",
                 both name = own.name()),
            hint("bring the record of this ceremony: production never adds to a rehearsal's record, and a rehearsal never adds to production's",
                 "请取来本次仪式的记录：正式仪式绝不向演练的记录添加内容，演练也绝不向正式仪式的记录添加内容");
        /// The record does not name the ciphertext, which production requires.
        Unnamed(ciphertext: Fingerprint) => CIPHER_LAST,
            what("no record of the offline station names the ciphertext {ciphertext}, and production requires one; nothing was sent",
                 "没有离线工作站的记录列出密文 {ciphertext}，而正式仪式要求有这样的记录；未发送任何内容"),
            hint("bring the transcript.jsonl that the offline station wrote with this ciphertext, or give it with --transcript",
                 "请取来离线工作站与该密文一同写出的 transcript.jsonl，或用 --transcript 指定");
        /// A script passed no head.
        NotCompared(found: Fingerprint) => CONSENT,
            what("nobody compared the head {found} of the record that was found; nothing was sent",
                 "没有人核对所见记录的链尾摘要 {found}；未发送任何内容"),
            hint("pass the head from the paper with --expect-head; or omit the option with the digest, and compare what the command shows",
                 "请用 --expect-head 给出纸上的链尾摘要；或去掉给出摘要的选项，并核对命令所显示的内容");
    }
}
