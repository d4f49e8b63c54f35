//! Why `wrap` stops: because of the plan, the record or the clock.

use std::path::PathBuf;

use keyferry_core::plan::ClockWindow;
use keyferry_core::{Control, Fingerprint, Timestamp, refusals};
use keyferry_transport::FileError;

use crate::protocol::Refusal;

refusals! {
    /// Why this run is not the planned one.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum NotPlanned: Refused {
        /// The plan has no `[hsm]`.
        NoHsm => HSM_PLAN,
            what("the plan has no [hsm]: the offline station makes the material", "计划中没有 [hsm]：材料由离线工作站生成"),
            hint("use keyferry-offline, or write [hsm] into the plan and have it reviewed again. Nothing was loaded or made",
                 "请使用 keyferry-offline，或在计划中写入 [hsm] 并重新审阅。没有加载或生成任何内容");
        /// The module's file is not the planned one.
        Module {
            /// The digest of the file.
            found: Fingerprint,
            /// The plan's.
            planned: Fingerprint,
        } => HSM_PLAN,
            what("the module's file has the SHA-256 {found}, but the plan names {planned}",
                 "模块文件的 SHA-256 为 {found}，而计划写的是 {planned}"),
            hint("bring the module that was reviewed; a new version needs a reviewed plan. Nothing was loaded or made",
                 "请使用经审阅的模块；新版本需要重新审阅计划。没有加载或生成任何内容");
        /// The token is not the planned one.
        Token {
            /// The given label.
            found: String,
            /// The plan's.
            planned: String,
        } => HSM_PLAN,
            what("the token \"{found}\" was given, but the plan names \"{planned}\"", "给出的硬件令牌是 \"{found}\"，而计划写的是 \"{planned}\""),
            hint("give the plan's token, or have the plan reviewed again. Nothing was loaded or made",
                 "请使用计划中的硬件令牌，或重新审阅计划。没有加载或生成任何内容");
        /// The token cannot compute the commitment that the record and the journal rely on.
        NoCommitment(why: Refusal) => HSM_PLAN,
            what("the token computes no commitment to the key ({why})", "硬件令牌不能计算密钥的承诺值（{why}）"),
            hint("this version needs C_DigestKey with SHA-256: use another token. No ciphertext was written",
                 "本版本需要使用 SHA-256 的 C_DigestKey：请换用其他硬件令牌。没有写出密文");
        /// Two keys of one run with the same commitment.
        Repeated => HSM_KEY,
            what("the token made the same key twice", "硬件令牌两次生成了同一个密钥"),
            hint("its generator repeats itself: do not use this token. No ciphertext was written",
                 "其随机数发生器出现重复：请勿使用该硬件令牌。没有写出密文");
        /// A key was kept for trusted keys only, but the token also wraps it to a key that is not trusted.
        NotTrusted => HSM_KEY,
            what("the token wraps a key that is only for trusted keys (CKA_WRAP_WITH_TRUSTED) to a key that is not trusted",
                 "硬件令牌把只允许可信公钥包装的密钥（CKA_WRAP_WITH_TRUSTED）包装给了不可信的公钥"),
            hint("destroy the key with the maker's tool, and do not use --trusted with this token. No ciphertext was written",
                 "请用厂商工具销毁该密钥，且不要对该硬件令牌使用 --trusted。没有写出密文");
        /// A kept key that the token can still export.
        NotLocked => HSM_KEY,
            what("the token still wraps the key that was locked to stay in it", "已锁定保留在硬件令牌中的密钥仍可被包装"),
            hint("destroy the key with the maker's tool, and do not use --keep with this token. No ciphertext was written",
                 "请用厂商工具销毁该密钥，且不要对该硬件令牌使用 --keep。没有写出密文");
    }
}

refusals! {
    /// Why the time does not allow this run.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum NotNow: Refused {
        /// Outside the plan's window.
        Window {
            /// The given time, or else the clock's.
            now: Timestamp,
            /// The plan's.
            window: ClockWindow,
        } => PARAM_CLOCK,
            what("it is {now}, but the plan's ceremony is from {from} to {to}",
                 "现在是 {now}，而计划的仪式时间为 {from} 至 {to}", from = window.not_before, to = window.not_after),
            hint("if this clock is wrong, give the right time with --now; if it is right, the plan needs another review",
                 "如果本机时钟有误，请用 --now 给出正确时间；如果无误，计划需要重新审阅");
        /// The clock went back.
        Jumped {
            /// The time before.
            before: Timestamp,
            /// The time after.
            after: Timestamp,
        } => PARAM_CLOCK,
            what("this machine's clock went from {before} to {after} during the run; no ciphertext was written",
                 "本机时钟在运行期间从 {before} 变为 {after}；没有写出密文"),
            hint("set the clock before the run, not during it, then run the command again",
                 "请在运行之前而不是运行期间校准时钟，然后重新运行命令");
    }
}

refusals! {
    /// Nobody compared a file that this run would use.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum NotCompared: Refused {
        /// A record was found, but the script passed no head for it, or a different one.
        Head(found: Fingerprint) => CONSENT,
            what("nobody compared the head {found} of the record that was found; nothing was made",
                 "没有人核对所见记录的链尾摘要 {found}；尚未生成任何内容"),
            hint("give the head from the paper with --expect-head, or run the command without --expect-digest and compare it",
                 "请用 --expect-head 给出纸上的链尾摘要，或去掉 --expect-digest 运行命令并核对");
        /// A head was given, but there is no record.
        NoRecord(expected: Fingerprint) => CONSENT,
            what("no record was found that could have the head {expected}; nothing was made",
                 "未找到链尾摘要为 {expected} 的记录；尚未生成任何内容"),
            hint("copy the record to the medium again, then run the command again", "请重新将记录复制到介质，然后重新运行命令");
        /// The record is not the one whose head was compared.
        Changed => CONSENT,
            what("the record changed after its head was shown; no line was added",
                 "记录在其链尾摘要显示之后发生了变化；没有添加任何行"),
            hint("find out which program or medium changed it, then run the command again and compare the new head",
                 "请查明是哪个程序或介质改动了它，然后重新运行命令并核对新的链尾摘要");
    }
}

refusals! {
    /// A ciphertext exists where this run's would be written.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct CiphertextExists {
        pub(crate) path: PathBuf,
    }: Refused => FILE_EXISTS,
        what("{} exists; a ciphertext found on the medium is never treated as this station's own",
             "{} 已存在；介质上发现的密文绝不会被当作本工作站生成的密文", path.display()),
        hint("if your own wrap showed the words of this file, keep it: it is complete. If not, move the file away and run wrap again. Nothing was made",
             "如果你们自己的 wrap 显示过该文件的词语，请保留该文件：它是完整的。否则请移走该文件并再次运行 wrap。尚未生成任何内容");
}

refusals! {
    /// The record is complete and names a ciphertext, but that file was not written or may not be on the device.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct NotPublished {
        pub(crate) cause: FileError,
    }: Refused => (cause.control()), class(cause.class()),
        what("{cause}; the record names this run's ciphertext, which may not be on the medium",
             "{cause}；记录中列有本次运行的密文，但该密文可能不在介质上", both cause = cause.what()),
        hint("check the medium, move away a ciphertext.json that is there, and run wrap again: the record then counts the later run",
             "请检查介质，移走其中的 ciphertext.json，然后再次运行 wrap：记录以后一次运行为准");
}

refusals! {
    /// Some keys were refused; each was explained where it failed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct KeysFailed {
        /// Number of keys that succeeded.
        pub(crate) succeeded: usize,
        /// Number of keys that failed.
        pub(crate) failed: usize,
        /// The control of the first failure.
        pub(crate) first: Control,
    }: Refused => (*first),
        what("{failed} of {total} keys were refused; the reasons are above",
             "{total} 个密钥中有 {failed} 个被拒绝；原因见上文", total = failed + succeeded),
        hint("fix the causes and export those keys again", "请消除原因，并重新导出这些密钥");
}
