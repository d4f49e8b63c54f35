//! Why a record was refused.

use keyferry_core::transcript::TranscriptError;
use keyferry_core::{
    Alias, ArtefactError, BackupSet, Bilingual, CeremonyId, CiphertextError, Class, Control, Explain,
    Fingerprint, PersonName, PlanError, Purpose, bi, explained,
};

use super::{BackupFault, SignatureError};

/// Why a record was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // The members say themselves what they are: files, digests, names.
pub enum VerifyError {
    /// A file is not there.
    Missing { file: &'static str },
    /// The transcript has no line.
    Empty,
    /// The plan is none.
    Plan(PlanError),
    /// `parameters.json` or `ciphertext.json` is none.
    Artefact { file: &'static str, error: ArtefactError },
    /// The chain is broken.
    Transcript(TranscriptError),
    /// A file is of another ceremony.
    Ceremony { file: &'static str, found: CeremonyId, plan: CeremonyId },
    /// A command ran under another plan, or under none.
    OtherPlan { line: u64, command: String, found: Option<Fingerprint>, plan: Fingerprint },
    /// A file or line has another purpose than the plan.
    Purpose { place: String, found: Purpose, plan: Purpose },
    /// The auditor expected another purpose.
    Unexpected { found: Purpose, expected: Purpose },
    /// Production with material from a published seed.
    Seeded { place: String },
    /// Production that did not speak to the provider.
    Endpoint { place: String, endpoint: String },
    /// The transcript does not say this of the file in the folder.
    NotRecorded { file: &'static str, event: &'static str, digest: Fingerprint },
    /// The ciphertext in the folder is an earlier run's; a later run made another.
    Superseded { line: u64, by: u64 },
    /// The parameters were fetched under another plan, or are not as many as were exported.
    ParametersPlan,
    /// The ciphertext does not belong to the parameters.
    Ciphertext(CiphertextError),
    /// The record of one key does not hold together.
    Key { alias: Alias, fault: KeyFault },
    /// A command was begun and never finished.
    Unfinished { line: u64, command: String },
    /// A command was finished that was never begun.
    NeverBegun { line: u64, command: String },
    /// The head is not the one on paper.
    Head { found: Fingerprint, expected: Fingerprint },
    /// A participant's key cannot sign.
    BadKey { name: PersonName, error: SignatureError },
    /// Two participants have the same key.
    SharedKey { first: PersonName, second: PersonName },
    /// A signature is not good.
    Signature { file: String, error: SignatureError },
    /// A signature by nobody whose key is in the plan.
    Foreign { file: String },
    /// A participant with a key has not signed.
    NotSigned { name: PersonName, id: String },
    /// None of the earlier records given is the one that the plan names.
    PreviousUnknown { alias: Alias, head: Fingerprint },
    /// An earlier record was given that the plan does not name.
    PreviousUnnamed { head: Fingerprint },
    /// The same key had other material.
    PreviousMaterial { alias: Alias },
    /// The earlier record is itself refused.
    PreviousRefused,
    /// Shares were combined that none of the earlier records given tells of.
    PreviousShares { set: BackupSet },
    /// The backup is not the plan's.
    Backup(BackupFault),
    /// The record of drills is broken.
    Drills(TranscriptError),
}

/// What does not hold together about one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFault {
    /// Not in the plan.
    Stranger,
    /// Its parameters are not the plan's, or not those that were fetched.
    Parameters,
    /// Its ciphertext holds other material than was generated or recovered.
    Material,
    /// Its ciphertext is not the block that was wrapped.
    Wrapped,
    /// What was proved is not what was planned.
    Proof,
    /// It was neither proved nor refused.
    NoEnd,
}

impl From<PlanError> for VerifyError {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}

impl From<TranscriptError> for VerifyError {
    fn from(error: TranscriptError) -> Self {
        Self::Transcript(error)
    }
}

impl From<CiphertextError> for VerifyError {
    fn from(error: CiphertextError) -> Self {
        Self::Ciphertext(error)
    }
}

impl Explain for VerifyError {
    fn control(&self) -> Control {
        match self {
            Self::Missing { .. } => Control::VERIFY_FILES,
            Self::Empty => Control::TRANSCRIPT_EVENT,
            Self::Plan(error) => error.control(),
            Self::Artefact { error, .. } => error.control(),
            Self::Transcript(error) => error.control(),
            Self::Ciphertext(error) => error.control(),
            Self::Ceremony { .. } | Self::OtherPlan { .. } => Control::VERIFY_PLAN,
            Self::Purpose { .. } | Self::Unexpected { .. } | Self::Seeded { .. } | Self::Endpoint { .. } => {
                Control::VERIFY_PURPOSE
            }
            Self::NotRecorded { file: "ciphertext.json", .. } | Self::Superseded { .. } => {
                Control::VERIFY_CIPHERTEXT
            }
            Self::NotRecorded { .. } | Self::ParametersPlan => Control::VERIFY_PARAMETERS,
            Self::Key { fault: KeyFault::NoEnd, .. } | Self::Unfinished { .. } | Self::NeverBegun { .. } => {
                Control::VERIFY_END
            }
            Self::Key { .. } => Control::VERIFY_KEY,
            Self::Head { .. } => Control::VERIFY_HEAD,
            Self::BadKey { .. } | Self::Signature { .. } | Self::Foreign { .. } => Control::VERIFY_SIGNATURE,
            Self::SharedKey { .. } | Self::NotSigned { .. } => Control::VERIFY_SIGNER,
            Self::PreviousUnknown { .. }
            | Self::PreviousUnnamed { .. }
            | Self::PreviousMaterial { .. }
            | Self::PreviousRefused
            | Self::PreviousShares { .. } => Control::VERIFY_PREVIOUS,
            Self::Backup(_) => Control::VERIFY_BACKUP,
            Self::Drills(error) => error.control(),
        }
    }

    fn class(&self) -> Class {
        Class::Refused
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Missing { file } => bi!("{file} is missing in the folder", "文件夹中缺少 {file}"),
            Self::Empty => bi!("transcript.jsonl records nothing", "transcript.jsonl 没有任何记录"),
            Self::Plan(error) => error.what(),
            Self::Artefact { file, error } => about(&bi!("{file}", "{file}"), &error.what()),
            Self::Transcript(error) => error.what(),
            Self::Drills(error) => about(&bi!("drills.jsonl", "drills.jsonl"), &error.what()),
            Self::Backup(fault) => fault.what(),
            Self::Ciphertext(error) => error.what(),
            Self::Key { alias, fault } => what_of_key(alias, *fault),
            Self::BadKey { name, error } => {
                about(&bi!("the plan's ssh_key of {name}", "计划中 {name} 的 ssh_key"), &error.what())
            }
            Self::Signature { file, error } => {
                about(&bi!("signatures/{file}", "signatures/{file}"), &error.what())
            }
            Self::Ceremony { .. }
            | Self::OtherPlan { .. }
            | Self::Purpose { .. }
            | Self::Unexpected { .. }
            | Self::Seeded { .. }
            | Self::Endpoint { .. } => self.what_of_frame(),
            Self::NotRecorded { .. }
            | Self::Superseded { .. }
            | Self::ParametersPlan
            | Self::Unfinished { .. }
            | Self::NeverBegun { .. }
            | Self::Head { .. } => self.what_of_course(),
            _ => self.what_of_others(),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Plan(error) => error.hint(),
            Self::Artefact { error, .. } => error.hint(),
            Self::Transcript(error) | Self::Drills(error) => error.hint(),
            Self::Missing { file: "escrow.json" } => bi!(
                "put the escrow.json of this ceremony beside its transcript: without it the shares open nothing",
                "请将该仪式的 escrow.json 放在其记录旁：没有它，分片无法打开任何内容"
            ),
            Self::Ciphertext(error) => error.hint(),
            Self::BadKey { error, .. } | Self::Signature { error, .. } => error.hint(),
            Self::Missing { .. } | Self::Empty => bi!(
                "a record is plan.toml, parameters.json, ciphertext.json, transcript.jsonl and signatures/ of one ceremony in one folder",
                "一份记录是同一文件夹中同一仪式的 plan.toml、parameters.json、ciphertext.json、transcript.jsonl 和 signatures/"
            ),
            Self::Unexpected { .. } => bi!(
                "this record is no evidence for what you look for: find the right one",
                "该记录不能证明您要查证的事项：请找到正确的记录"
            ),
            Self::Unfinished { .. } | Self::NeverBegun { .. } | Self::Key { fault: KeyFault::NoEnd, .. } => {
                bi!(
                    "the transcript is cut, or the ceremony is not over: take the transcript that came back last",
                    "记录被截断，或仪式尚未结束：请使用最后带回的记录"
                )
            }
            Self::NotSigned { id, .. } => bi!(
                "let the person sign: `keyferry sign DIR` prints how, the file is signatures/{id}.sig",
                "请该人签名：`keyferry sign DIR` 会说明方法，文件为 signatures/{id}.sig"
            ),
            Self::SharedKey { .. } => bi!(
                "each person signs with a key of their own: correct the plan before the next ceremony",
                "每个人都用自己的密钥签名：请在下一次仪式之前更正计划"
            ),
            Self::PreviousUnknown { .. }
            | Self::PreviousUnnamed { .. }
            | Self::PreviousRefused
            | Self::PreviousShares { .. } => bi!(
                "give with --previous the folder of the record whose head the plan names as previous_record",
                "请用 --previous 给出计划中 previous_record 所指链首的那份记录的文件夹"
            ),
            Self::PreviousMaterial { .. } => bi!(
                "a key takes one material for life: find out which ceremony this record is really of",
                "一个密钥终身只接受同一份材料：请查明该记录究竟属于哪次仪式"
            ),
            _ => bi!(
                "keep the folder as evidence, do not edit it; compare with the other copy and with the paper",
                "请保留该文件夹作为证据，不要编辑；与另一份副本及纸质记录比较"
            ),
        }
    }
}

/// One sentence about something that is named before it.
fn about(subject: &Bilingual, what: &Bilingual) -> Bilingual {
    Bilingual { en: format!("{}: {}", subject.en, what.en), zh: format!("{}：{}", subject.zh, what.zh) }
}

fn what_of_key(alias: &Alias, fault: KeyFault) -> Bilingual {
    match fault {
        KeyFault::Stranger => bi!("key {alias} is not in the plan", "密钥 {alias} 不在计划中"),
        KeyFault::Parameters => bi!(
            "the parameters of key {alias} are not the plan's, or not those that were fetched",
            "密钥 {alias} 的参数与计划不符，或不是所获取的参数"
        ),
        KeyFault::Material => bi!(
            "the ciphertext of key {alias} holds other material than was generated or recovered",
            "密钥 {alias} 的密文所含材料与生成或恢复的材料不同"
        ),
        KeyFault::Wrapped => bi!(
            "the ciphertext of key {alias} is not the block that was wrapped",
            "密钥 {alias} 的密文不是所包装的数据块"
        ),
        KeyFault::Proof => bi!(
            "what was proved of key {alias} is not what the plan wants",
            "密钥 {alias} 的验证结果与计划的要求不符"
        ),
        KeyFault::NoEnd => {
            bi!("key {alias} was neither proved nor refused", "密钥 {alias} 既未通过验证，也未被拒绝")
        }
    }
}

impl VerifyError {
    /// What concerns the frame of the record: ceremony, plan, purpose.
    fn what_of_frame(&self) -> Bilingual {
        match self {
            Self::Ceremony { file, found, plan } => bi!(
                "{file} is of ceremony {found}, the plan of {plan}",
                "{file} 属于仪式 {found}，而计划属于 {plan}"
            ),
            Self::OtherPlan { line, command, found: Some(found), plan } => bi!(
                "line {line}: {command} ran under the plan {found}, the folder has {plan}",
                "第 {line} 行：{command} 使用了计划 {found}，而文件夹中是 {plan}"
            ),
            Self::OtherPlan { line, command, found: None, .. } => {
                bi!("line {line}: {command} ran under no plan", "第 {line} 行：{command} 没有使用计划")
            }
            Self::Purpose { place, found, plan } => {
                bi!(
                    "{place} is of a {found}, the plan of a {plan}",
                    "{place} 的用途是 {found}，计划的用途是 {plan}"
                )
            }
            Self::Unexpected { found, expected } => bi!(
                "this is the record of a {found}; {expected} was expected",
                "这是 {found} 的记录；期望的是 {expected}"
            ),
            Self::Seeded { place } => bi!(
                "{place}: material of a production ceremony comes from a published seed",
                "{place}：正式仪式的材料来自公开的种子"
            ),
            Self::Endpoint { place, endpoint } => bi!(
                "{place}: a production ceremony spoke to {endpoint}, not to the provider",
                "{place}：正式仪式的通信对象是 {endpoint}，而不是服务商"
            ),
            _ => bi!("", ""),
        }
    }

    /// What concerns the course of the ceremony.
    fn what_of_course(&self) -> Bilingual {
        match self {
            Self::NotRecorded { file, event, digest } => bi!(
                "{file} has the digest {digest}, and the transcript has no line `{event}` for it",
                "{file} 的摘要是 {digest}，记录中没有与之对应的 `{event}` 行"
            ),
            Self::Superseded { line, by } => bi!(
                "ciphertext.json is the one of line {line}; line {by} tells of a later one, which counts",
                "ciphertext.json 是第 {line} 行的密文；第 {by} 行记录了之后的另一份，应以后者为准"
            ),
            Self::ParametersPlan => bi!(
                "parameters.json was fetched under another plan, or has not as many keys as were exported",
                "parameters.json 是依据另一份计划获取的，或密钥数目与导出时不同"
            ),
            Self::Unfinished { line, command } => {
                bi!(
                    "{command}, begun in line {line}, was never finished",
                    "第 {line} 行开始的 {command} 没有结束"
                )
            }
            Self::NeverBegun { line, command } => {
                bi!(
                    "line {line} finishes {command}, which was not begun",
                    "第 {line} 行结束了并未开始的 {command}"
                )
            }
            Self::Head { found, expected } => {
                bi!("the head is {found}; {expected} was expected", "链首是 {found}；期望的是 {expected}")
            }
            _ => bi!("", ""),
        }
    }

    /// What concerns signers and earlier records.
    fn what_of_others(&self) -> Bilingual {
        match self {
            Self::SharedKey { first, second } => {
                bi!(
                    "{first} and {second} have the same ssh_key in the plan",
                    "计划中 {first} 与 {second} 的 ssh_key 相同"
                )
            }
            Self::Foreign { file } => bi!(
                "signatures/{file} is by nobody whose key is in the plan",
                "signatures/{file} 不属于计划中列有公钥的任何人"
            ),
            Self::NotSigned { name, id } => bi!("{name} ({id}) has not signed", "{name}（{id}）没有签名"),
            Self::PreviousUnknown { alias, head } => bi!(
                "the plan names {head} as the record before for key {alias}; none that was given has that head",
                "计划指明密钥 {alias} 的前一份记录为 {head}；所给记录中没有该链首"
            ),
            Self::PreviousUnnamed { head } => {
                bi!("the plan names no earlier record {head}", "计划没有指明更早的记录 {head}")
            }
            Self::PreviousMaterial { alias } => bi!(
                "key {alias} had other material in the ceremony before",
                "密钥 {alias} 在前一次仪式中的材料不同"
            ),
            Self::PreviousRefused => bi!("the earlier record is itself refused", "更早的记录本身即被拒绝"),
            Self::PreviousShares { set } => bi!(
                "shares of set \"{set}\" were combined; no earlier record that was given tells of them as they were",
                "曾合并 \"{set}\" 组的分片；所给的更早记录中没有与之相符的分片组"
            ),
            _ => bi!("", ""),
        }
    }
}

explained!(VerifyError);
