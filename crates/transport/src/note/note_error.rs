//! Why a note was not added.

use std::path::PathBuf;

use keyferry_core::{Bilingual, bi, refusals};

refusals! {
    /// Why a note was not added.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum NoteError: Refused {
        /// The text is not a valid note.
        Text => NOTE,
            what("a note is one line of 1 to 1000 printable characters", "备注是一行 1 到 1000 个可显示字符"),
            hint("make it shorter, or write several notes; put on paper what a note must not contain",
                 "请写得简短，或分成几条；备注容不下的写在纸上");
        /// The name is not valid.
        Name => NOTE,
            what("--by takes the name of a person: 1 to 100 printable characters",
                 "--by 是人名：1 到 100 个可显示字符"),
            hint("write the name exactly as in the plan", "请按计划中的写法填写姓名");
        /// The record has no line yet that a note could follow.
        NoRecord => NOTE,
            what("nothing has been recorded in this file yet", "该文件尚无任何记录"),
            hint("begin the ceremony first, then give its transcript.jsonl",
                 "备注跟在已发生的事情之后：请先开始仪式，并给出其 transcript.jsonl");
        /// Another program added to the record while the note was typed.
        Changed => NOTE,
            what("the record changed after its head was shown; nothing was noted",
                 "记录在其链尾摘要显示之后发生了变化；没有记录任何内容"),
            hint("run the command again and check the new head", "请重新运行命令，并查看新的链尾摘要");
        /// People have already signed the record.
        Signed(folder: PathBuf) => NOTE,
            what("the record is signed: {} contains signatures, and another line would make all of them invalid; nothing was noted",
                 "记录已签名：{} 中有签名，再加一行将使每个签名失效；没有记录任何内容", folder.display()),
            hint("write it on paper, next to the signed head. If it has to be in the record: move the folder with the signatures away, run `note`, read the new head aloud, and have everybody sign again",
                 "请将其写在纸上已签名的链尾摘要旁。若必须写入记录：请移走签名文件夹，记录备注，宣读新的链尾摘要，并由每个人重新签名");
        /// Neither the record nor a plan says whether names are withheld.
        NoPlan => NOTE,
            what("plan.toml, which says whether names may be written in the clear, is not next to the record or cannot be read",
                 "记录旁没有 plan.toml 或无法读取：姓名能否写成明文由它决定"),
            hint(bring_the_plan());
        /// The plan belongs to another ceremony, or is not the one that the last command in the record read.
        OtherPlan => NOTE,
            what("this is not the plan that the last command in the record used",
                 "这不是记录中最后一个命令所依据的计划"),
            hint(bring_the_plan());
    }
}

fn bring_the_plan() -> Bilingual {
    bi!(
        "put the plan of the ceremony as plan.toml next to the transcript, or give it with --plan FILE",
        "请将仪式的计划以 plan.toml 之名放在记录旁，或用 --plan FILE 给出"
    )
}
