//! Why an external file is not used: it was not compared, or it belongs to another kind of run.

use keyferry_core::{Fingerprint, Purpose, refusals};

refusals! {
    /// Nobody compared a file that this run would use.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum NotCompared: Refused {
        /// A record was found, and the script passed no head for it.
        NoHead(found: Fingerprint) => CONSENT,
            what("nobody compared the head {found} of the record that was found; nothing was made",
                 "没有人核对所见记录的链尾摘要 {found}；尚未生成任何内容"),
            hint("give the head from the paper with --expect-head, or run the command without --expect-digest and compare it",
                 "请用 --expect-head 给出纸上的链尾摘要，或去掉 --expect-digest 运行命令并核对");
        /// None of the records has the head that the script passed.
        OtherHead(expected: Fingerprint) => CONSENT,
            what("no record that was found has the head {expected}; nothing was made",
                 "所见记录的链尾摘要均不是 {expected}；尚未生成任何内容"),
            hint("what arrived is not what left. Copy the record again; if the head still differs, fill in an exception sheet",
                 "收到的与发出的不同：请重新复制记录；若仍不同，请填写异常单");
        /// The record does not name the escrow, whose digest a script cannot pass.
        Escrow(found: Fingerprint) => CONSENT,
            what("the record does not name the escrow with the digest {found}, and nobody compared it; nothing was made",
                 "记录中没有摘要为 {found} 的托管文件，也没有人核对过它；尚未生成任何内容"),
            hint("run the command without --expect-digest and --expect-head, and compare the escrow's digest with the paper",
                 "请去掉 --expect-digest 与 --expect-head 运行命令，并与纸上的托管文件摘要核对");
        /// The record is not the one whose head was compared.
        Changed => CONSENT,
            what("the record changed after its head was shown; no line was added",
                 "记录在其链尾摘要显示之后发生了变化；没有添加任何行"),
            hint("find out which program or medium changed it, then run the command again and compare the new head",
                 "请查明是哪个程序或介质改动了它，然后重新运行命令并核对新的链尾摘要");
        /// A record contains a run for another purpose.
        Purpose {
            /// The purpose of the plan, or of the record that made the shares.
            own: Purpose,
        } => PARAM_PURPOSE,
            what("this run is for a {name}, but one of the given records, escrows or share sets is not; nothing was made",
                 "本次运行用于{name}，而给出的记录、托管文件或分片组并非如此；尚未生成任何内容",
                 both name = own.name()),
            hint("bring the files of this ceremony: production never uses what a rehearsal made, and a rehearsal never uses what production made",
                 "请取来本次仪式的文件：正式仪式绝不使用演练的产物，演练也绝不使用正式仪式的产物");
        /// The material comes from a published seed, in production.
        Seeded => PARAM_PURPOSE,
            what("the material comes from a published seed, but this run is for a production ceremony; nothing was made",
                 "该材料由公开的种子生成，而本次运行用于正式仪式；尚未生成任何内容"),
            hint("seeded material is only for rehearsals: bring the files of the production ceremony",
                 "种子生成的材料只用于演练：请取来正式仪式的文件");
    }
}
