//! Why a record was refused.

use keyferry_core::artefact::names;
use keyferry_core::transcript::{OpeningsError, TranscriptError};
use keyferry_core::{
    Alias, ArtefactError, BackupSet, Bilingual, CeremonyId, CiphertextError, Control, Fingerprint,
    ParametersError, PersonName, PlanError, Purpose, bi, refusals,
};

use super::{BackupFault, ClockFault, CourseFault, LifeFault, MachineFault, SignatureError};

refusals! {
    /// Why a record was refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // The fields are self-explanatory: files, digests, names.
    pub enum VerifyError: Refused {
        /// A file is missing.
        Missing { file: &'static str } => VERIFY_FILES,
            what("{file} is missing in the folder", "文件夹中缺少 {file}"),
            hint(find_the_file(file));
        /// The transcript has no lines.
        Empty => TRANSCRIPT_EVENT,
            what("transcript.jsonl records nothing", "transcript.jsonl 没有任何记录"),
            hint(what_a_record_is());
        /// The plan is not valid.
        Plan from PlanError;
        /// `parameters.json` or `ciphertext.json` is not valid.
        Artefact { file: &'static str, error: ArtefactError } => (error.control()),
            what("{file}: {why}", "{file}：{why}", both why = error.what()),
            hint(error.hint());
        /// The chain is broken.
        Transcript from TranscriptError;
        /// An opening does not match its commitment.
        Openings from OpeningsError;
        /// A name or free text is withheld, although the plan does not say that names are withheld.
        Withheld { file: &'static str, line: u64 } => TRANSCRIPT_OPENING,
            what("line {line} of {file} withholds a name or text, but the plan does not have names = \"committed\"",
                 "{file} 第 {line} 行未公开姓名或文字，而计划中没有 names = \"committed\""),
            hint(keep_as_evidence());
        /// A file belongs to another ceremony.
        Ceremony { file: &'static str, found: CeremonyId, plan: CeremonyId } => VERIFY_PLAN,
            what("{file} belongs to ceremony {found}, but the plan belongs to {plan}", "{file} 属于仪式 {found}，而计划属于 {plan}"),
            hint(keep_as_evidence());
        /// A command ran under another plan, or under none.
        OtherPlan { line: u64, command: String, found: Option<Fingerprint>, plan: Fingerprint } => VERIFY_PLAN,
            what(other_plan(*line, command, *found, *plan)),
            hint(keep_as_evidence());
        /// Parameters were fetched from an endpoint that is not the plan's.
        PlannedEndpoint { line: u64, found: String, plan: String } => VERIFY_PLAN,
            what("line {line} fetched parameters from {found:?}, but the plan names {plan}",
                 "第 {line} 行从 {found:?} 获取了参数，而计划指定 {plan}"),
            hint(keep_as_evidence());
        /// A file or line does not have the plan's purpose.
        Purpose { place: String, found: Purpose, plan: Purpose } => VERIFY_PURPOSE,
            what("{place} belongs to a {found}, but the plan belongs to a {plan}", "{place} 的用途是{found}，计划的用途是{plan}",
                 both found = found.name(), plan = plan.name()),
            hint(keep_as_evidence());
        /// The auditor expected another purpose.
        Unexpected { found: Purpose, expected: Purpose } => VERIFY_PURPOSE,
            what("this is the record of a {found}, but the record of a {expected} was expected",
                 "这是{found}的记录；期望的是{expected}的记录", both found = found.name(), expected = expected.name()),
            hint("this record does not prove what you are checking: find the right one",
                 "该记录不能证明您要查证的事项：请找到正确的记录");
        /// A production ceremony used material from a published seed.
        Seeded { place: String } => VERIFY_PURPOSE,
            what("{place}: material of a production ceremony comes from a published seed",
                 "{place}：正式仪式的材料来自公开的种子"),
            hint(keep_as_evidence());
        /// A production ceremony did not use the provider's service.
        Endpoint { place: String, endpoint: String } => VERIFY_PURPOSE,
            what("{place}: a production ceremony spoke to {endpoint}, not to the provider",
                 "{place}：正式仪式的通信对象是 {endpoint}，而不是服务商"),
            hint(keep_as_evidence());
        /// The transcript lacks the line that should name the file in the folder.
        NotRecorded { file: &'static str, event: &'static str, digest: Fingerprint } => (control_of(file)),
            what("{file} has the digest {digest}, but the transcript has no line `{event}` for it",
                 "{file} 的摘要是 {digest}，记录中没有与之对应的 `{event}` 行"),
            hint(keep_as_evidence());
        /// The ciphertext in the folder comes from an earlier run; a later run made another.
        Superseded { line: u64, by: u64 } => VERIFY_CIPHERTEXT,
            what("ciphertext.json is the one in line {line}, but line {by} names a later one, which counts",
                 "ciphertext.json 是第 {line} 行的密文；第 {by} 行记录了之后的另一份，应以后者为准"),
            hint(keep_as_evidence());
        /// The parameters were fetched under another plan, or do not have as many keys as were exported.
        ParametersPlan => VERIFY_PARAMETERS,
            what("parameters.json was fetched under another plan, or does not have as many keys as were exported",
                 "parameters.json 是依据另一份计划获取的，或密钥数目与导出时不同"),
            hint(keep_as_evidence());
        /// The parameters do not have the plan's version.
        Parameters from ParametersError;
        /// The ciphertext does not belong to the parameters.
        Ciphertext from CiphertextError;
        /// The record of one key is not consistent.
        Key { alias: Alias, fault: KeyFault } => (fault.control()),
            what(fault.what(alias)),
            hint(fault.hint());
        /// A command was begun and never finished.
        Unfinished { line: u64, command: String } => VERIFY_END,
            what("{command}, begun in line {line}, was never finished", "第 {line} 行开始的 {command} 没有结束"),
            hint(take_the_last_transcript());
        /// A command was finished but never begun.
        NeverBegun { line: u64, command: String } => VERIFY_END,
            what("line {line} finishes {command}, which was not begun", "第 {line} 行结束了并未开始的 {command}"),
            hint(take_the_last_transcript());
        /// The head is not the one on paper.
        Head { found: Fingerprint, expected: Fingerprint } => VERIFY_HEAD,
            what("the head is {found}; {expected} was expected", "链尾摘要是 {found}；期望的是 {expected}"),
            hint(keep_as_evidence());
        /// A participant's key cannot sign.
        BadKey { name: PersonName, error: SignatureError } => VERIFY_SIGNATURE,
            what("the plan's ssh_key of {name}: {why}", "计划中 {name} 的 ssh_key：{why}", both why = error.what()),
            hint(error.hint());
        /// A signature is not valid.
        Signature { file: String, error: SignatureError } => VERIFY_SIGNATURE,
            what("signatures/{file}: {why}", "signatures/{file}：{why}", both why = error.what()),
            hint(error.hint());
        /// A signature was not made with a key in the plan.
        Foreign { file: String } => VERIFY_SIGNATURE,
            what("signatures/{file} was not made with a key in the plan",
                 "signatures/{file} 不属于计划中列有公钥的任何人"),
            hint(keep_as_evidence());
        /// A valid signature has a file name that is not its signer's.
        Misnamed { file: String, name: PersonName, id: String } => VERIFY_SIGNATURE,
            what("signatures/{file} is the valid signature of {name} under another file name", "signatures/{file} 是 {name} 的有效签名，但文件名不对"),
            hint("rename it to signatures/{id}.sig", "请将其改名为 signatures/{id}.sig");
        /// `SHA256SUMS` has a line that `sha256sum` does not write.
        SumsLine { line: u64 } => VERIFY_SUMS,
            what("line {line} of SHA256SUMS does not have the form that `sha256sum` writes", "SHA256SUMS 第 {line} 行不是 `sha256sum` 写出的形式"),
            hint(take_the_other_copy());
        /// A file does not have the digest in `SHA256SUMS`.
        SumsOther { file: String } => VERIFY_SUMS,
            what("{file} does not have the digest that is in SHA256SUMS", "{file} 与 SHA256SUMS 中的摘要不符"),
            hint(take_the_other_copy());
        /// A file that `SHA256SUMS` lists is missing.
        SumsMissing { file: String } => VERIFY_SUMS,
            what("SHA256SUMS lists {file}, which is missing in the folder", "SHA256SUMS 列有 {file}，而文件夹中缺少该文件"),
            hint(take_the_other_copy());
        /// A participant with a key has not signed.
        NotSigned { name: PersonName, id: String } => VERIFY_SIGNER,
            what("{name} ({id}) has not signed", "{name}（{id}）没有签名"),
            hint("have the person sign: `keyferry sign DIR` prints how. The file is signatures/{id}.sig",
                 "请该人签名：`keyferry sign DIR` 会说明方法，文件为 signatures/{id}.sig");
        /// None of the given earlier records is the one that the plan names.
        PreviousUnknown { alias: Alias, head: Fingerprint } => VERIFY_PREVIOUS,
            what("the plan names {head} as the earlier record for key {alias}, but none of the given records has that head",
                 "计划指明密钥 {alias} 的前一份记录为 {head}；所给记录中没有该链尾摘要"),
            hint(give_previous());
        /// The plan does not name one of the given earlier records.
        PreviousUnnamed { head: Fingerprint } => VERIFY_PREVIOUS,
            what("the plan names no earlier record with the head {head}", "计划没有指明更早的记录 {head}"),
            hint(give_previous());
        /// The same key had different material in the earlier ceremony.
        PreviousMaterial { alias: Alias } => VERIFY_PREVIOUS,
            what("key {alias} had different material in the previous ceremony", "密钥 {alias} 在前一次仪式中的材料不同"),
            hint("a key accepts only one material in its lifetime: find out which ceremony this record really belongs to",
                 "一个密钥终身只接受同一份材料：请查明该记录究竟属于哪次仪式");
        /// The earlier record does not have this record's purpose.
        PreviousPurpose { head: Fingerprint, found: Purpose, plan: Purpose } => VERIFY_PURPOSE,
            what("the earlier record with the head {head} belongs to a {found}, but this one belongs to a {plan}",
                 "链尾摘要为 {head} 的更早记录的用途是{found}，本记录的用途是{plan}",
                 both found = found.name(), plan = plan.name()),
            hint("material of one purpose is never used for the other: find the right earlier record, or treat this one as refused",
                 "一种用途的材料绝不能用于另一种：请找到正确的更早记录，否则应视本记录为被拒绝");
        /// The earlier record is itself refused.
        PreviousRefused => VERIFY_PREVIOUS,
            what("the earlier record is itself refused", "更早的记录本身即被拒绝"),
            hint(give_previous());
        /// Shares were combined that none of the given earlier records contains.
        PreviousShares { set: BackupSet } => VERIFY_PREVIOUS,
            what("shares of set \"{set}\" were combined, but none of the given earlier records has a set that matches them",
                 "曾合并 \"{set}\" 组的分片；所给的更早记录中没有与之相符的分片组"),
            hint(give_previous());
        /// The backup is not what the plan demands.
        Backup(fault: BackupFault) => VERIFY_BACKUP, what(fault.what()), hint(keep_as_evidence());
        /// The lines are not what the stations write.
        Course(fault: CourseFault) => VERIFY_COURSE, what(fault.what()), hint(keep_as_evidence());
        /// The lines of the drills are not what the station writes.
        DrillCourse(fault: CourseFault) => VERIFY_COURSE,
            what("drills.jsonl: {why}", "drills.jsonl：{why}", both why = fault.what()),
            hint(keep_as_evidence());
        /// The offline machine did not meet the plan's requirements.
        Machine(fault: MachineFault) => VERIFY_MACHINE, what(fault.what()), hint(keep_as_evidence());
        /// The machine of a drill did not meet production's requirements.
        DrillMachine(fault: MachineFault) => VERIFY_MACHINE,
            what("drills.jsonl: {why}", "drills.jsonl：{why}", both why = fault.what()),
            hint(keep_as_evidence());
        /// The times are impossible.
        Clock(fault: ClockFault) => VERIFY_CLOCK, what(fault.what()), hint(keep_as_evidence());
        /// The times of the drills are impossible.
        DrillClock(fault: ClockFault) => VERIFY_CLOCK,
            what("drills.jsonl: {why}", "drills.jsonl：{why}", both why = fault.what()),
            hint(keep_as_evidence());
        /// The record of a key's later life breaks a rule.
        Life from LifeFault;
        /// The lines of `life.jsonl` are not what the station writes.
        LifeCourse(fault: CourseFault) => VERIFY_COURSE,
            what("life.jsonl: {why}", "life.jsonl：{why}", both why = fault.what()),
            hint(keep_as_evidence());
        /// The times in `life.jsonl` are impossible.
        LifeClock(fault: ClockFault) => VERIFY_CLOCK,
            what("life.jsonl: {why}", "life.jsonl：{why}", both why = fault.what()),
            hint(keep_as_evidence());
        /// The chain of `life.jsonl` is broken.
        LifeChain(error: TranscriptError) => (error.control()),
            what("life.jsonl: {why}", "life.jsonl：{why}", both why = error.what()),
            hint(error.hint());
        /// The record of drills is broken.
        Drills(error: TranscriptError) => (error.control()),
            what("drills.jsonl: {why}", "drills.jsonl：{why}", both why = error.what()),
            hint(error.hint());
    }
}

fn control_of(file: &str) -> Control {
    if file == names::CIPHERTEXT { Control::VERIFY_CIPHERTEXT } else { Control::VERIFY_PARAMETERS }
}

fn other_plan(line: u64, command: &str, found: Option<Fingerprint>, plan: Fingerprint) -> Bilingual {
    match found {
        Some(found) => bi!(
            "line {line}: {command} ran under the plan {found}, but the folder has {plan}",
            "第 {line} 行：{command} 使用了计划 {found}，而文件夹中是 {plan}"
        ),
        None => bi!("line {line}: {command} ran without a plan", "第 {line} 行：{command} 没有使用计划"),
    }
}

fn find_the_file(file: &str) -> Bilingual {
    if file == names::ESCROW {
        return bi!(
            "put the escrow.json of this ceremony next to its transcript: without it, the shares open nothing",
            "请将该仪式的 escrow.json 放在其记录旁：没有它，分片无法打开任何内容"
        );
    }
    what_a_record_is()
}

fn what_a_record_is() -> Bilingual {
    bi!(
        "a record consists of plan.toml, parameters.json, ciphertext.json, transcript.jsonl and signatures/ of one ceremony, in one folder",
        "一份记录是同一文件夹中同一仪式的 plan.toml、parameters.json、ciphertext.json、transcript.jsonl 和 signatures/"
    )
}

fn take_the_other_copy() -> Bilingual {
    bi!(
        "this copy of the archive was changed after it was written: use the other copy, and keep this one until you know why",
        "该档案副本与写出时不同：请使用另一份副本，并保留这一份，直到查明原因"
    )
}

fn take_the_last_transcript() -> Bilingual {
    bi!(
        "the transcript is cut off, or the ceremony is not finished: use the transcript that came back last",
        "记录被截断，或仪式尚未结束：请使用最后带回的记录"
    )
}

fn give_previous() -> Bilingual {
    bi!(
        "use --previous to name the folder of the record whose head the plan names as previous_record",
        "请用 --previous 给出计划中 previous_record 所指链尾摘要的那份记录的文件夹"
    )
}

fn keep_as_evidence() -> Bilingual {
    bi!(
        "keep the folder as evidence and do not edit it; compare it with the other copy and with the paper",
        "请保留该文件夹作为证据，不要编辑；与另一份副本及纸质记录比较"
    )
}

/// The ways in which the record of one key can be inconsistent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFault {
    /// It is not in the plan.
    Stranger,
    /// Its parameters are not the plan's, or not those that were fetched.
    Parameters,
    /// Its ciphertext holds different material than was generated or recovered.
    Material,
    /// Its ciphertext is not the block that was wrapped.
    Wrapped,
    /// Its proof is not the planned one.
    Proof,
    /// It was imported or proved with a ciphertext that is not the one that counts.
    OtherCiphertext,
    /// The key that was created for it is not the plan's.
    Created,
    /// It has the same material as another key.
    Repeated,
    /// It was neither proved nor refused.
    NoEnd,
}

impl KeyFault {
    const fn control(self) -> Control {
        match self {
            Self::NoEnd => Control::VERIFY_END,
            Self::Stranger
            | Self::Parameters
            | Self::Material
            | Self::Wrapped
            | Self::Proof
            | Self::Created
            | Self::Repeated
            | Self::OtherCiphertext => Control::VERIFY_KEY,
        }
    }

    fn what(self, alias: &Alias) -> Bilingual {
        match self {
            Self::Stranger => bi!("key {alias} is not in the plan", "密钥 {alias} 不在计划中"),
            Self::Parameters => bi!(
                "the parameters of key {alias} are not the plan's, or not those that were fetched",
                "密钥 {alias} 的参数与计划不符，或不是所获取的参数"
            ),
            Self::Material => bi!(
                "the ciphertext of key {alias} holds different material than was generated or recovered",
                "密钥 {alias} 的密文所含材料与生成或恢复的材料不同"
            ),
            Self::Wrapped => bi!(
                "the ciphertext of key {alias} is not the block that was wrapped",
                "密钥 {alias} 的密文不是所包装的数据块"
            ),
            Self::Proof => bi!(
                "the proof for key {alias} is not the one that the plan requires",
                "密钥 {alias} 的验证结果与计划的要求不符"
            ),
            Self::OtherCiphertext => bi!(
                "key {alias} was imported or proved with a ciphertext that is not the one that counts",
                "密钥 {alias} 是用另一份密文导入或验证的，而不是应为准的那一份"
            ),
            Self::Created => bi!(
                "the key that was created for {alias} is not the one that the plan names",
                "为 {alias} 创建的密钥不是计划中所写的密钥"
            ),
            Self::Repeated => bi!(
                "key {alias} has the same material as another key of the ciphertext",
                "密钥 {alias} 的材料与该密文中另一密钥相同"
            ),
            Self::NoEnd => {
                bi!("key {alias} was neither proved nor refused", "密钥 {alias} 既未通过验证，也未被拒绝")
            }
        }
    }

    fn hint(self) -> Bilingual {
        match self {
            Self::NoEnd => take_the_last_transcript(),
            Self::OtherCiphertext => bi!(
                "the key may hold different material than this record says: keep every share and file, even void ones, and \
                 find out from the online station's journal which material it accepted",
                "该密钥中的材料可能与本记录不同：请保留全部分片和文件（包括已作废的），并根据在线工作站的操作台账查明导入的是哪一份材料"
            ),
            Self::Stranger
            | Self::Parameters
            | Self::Material
            | Self::Wrapped
            | Self::Proof
            | Self::Created
            | Self::Repeated => keep_as_evidence(),
        }
    }
}
