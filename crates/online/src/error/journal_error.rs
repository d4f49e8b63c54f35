//! What the journal refuses.

use std::path::PathBuf;

use keyferry_core::{CeremonyId, Commitment, KeyId, Timestamp, refusals};

refusals! {
    /// What the journal refuses.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum JournalError: Refused {
        /// A ceremony is pending, and fetching would invalidate its ciphertext.
        Out {
            /// Its id.
            ceremony: CeremonyId,
            /// The time until which its parameters are valid.
            until: Timestamp,
        } => JOURNAL_OUT,
            what("ceremony {ceremony} has pending parameters for this key, valid until {until}. Fetching again would invalidate its \
                ciphertext. Nothing was fetched",
                 "仪式 {ceremony} 正持有该密钥的导入参数（有效至 {until}）；再次获取会使其密文作废。未获取任何参数"),
            hint("finish that ceremony first. If it will never come back, and everyone in the room agrees: --abandon {ceremony}",
                 "请先完成该仪式。若它不会再继续，且在场人员一致同意：加上 --abandon {ceremony}");
        /// The parameters are not the latest.
        NotLatest {
            /// The ceremony with the latest parameters.
            ceremony: CeremonyId,
            /// When those were fetched.
            fetched_at: Timestamp,
        } => JOURNAL_LATEST,
            what("this ciphertext was wrapped under older parameters: ceremony {ceremony} fetched newer ones at \
                  {fetched_at}, and the last fetch wins. Nothing was sent",
                 "该密文使用的是旧参数：仪式 {ceremony} 已于 {fetched_at} 获取了新参数，以最后一次为准。未发送任何内容"),
            hint("import that ceremony's ciphertext; this one can no longer be imported. Find out who exported in between",
                 "请导入该仪式的密文；本密文已作废。并查明期间是谁执行了导出");
        /// The key took other material before.
        OtherMaterial {
            /// The commitment of the material in this ciphertext.
            found: Commitment,
            /// The commitment of the material that the key took.
            bound: Commitment,
            /// When.
            at: Timestamp,
        } => JOURNAL_MATERIAL,
            what("this key took material with commitment {bound} on {at}, and can never take any other; this \
                  ciphertext holds {found}. Nothing was sent",
                 "该密钥已于 {at} 导入承诺值为 {bound} 的材料，今后只接受该材料；本密文的承诺值为 {found}。未发送任何内容"),
            hint("restore the first material from its backup and wrap that, or make a new key; compare the commitment with \
                  the earlier ceremony's record",
                 "请从备份恢复最初的材料并重新包装，或新建密钥；将承诺值与以往仪式的记录核对");
        /// Other material was sent, and nobody knows whether it arrived.
        Unclear {
            /// The commitment of the material that was sent.
            sent: Commitment,
            /// When.
            at: Timestamp,
        } => JOURNAL_MATERIAL,
            what("other material (commitment {sent}) was sent to this key on {at}, but no answer arrived; the key may be \
                  bound to it. Nothing was sent now",
                 "{at} 曾向该密钥发送另一份材料（承诺值 {sent}）但未得到应答；密钥可能已与其绑定。本次未发送任何内容"),
            hint("import that ciphertext again first: if the service takes it, the key is bound to it for life; if not, it \
                  says why",
                 "请先重新导入当时的密文：若服务端接受，则密钥已与其永久绑定；否则会说明原因");
        /// The file is not a journal, is damaged, or belongs to another key.
        Form {
            /// The file.
            path: PathBuf,
            /// The line, from 1.
            line: usize,
        } => JOURNAL_FORM,
            what("{} is not the journal of this key, or is damaged at line {line}",
                 "{} 不是该密钥的操作台账，或第 {line} 行已损坏", path.display()),
            hint("keep the file and find out what happened to it; it shows which ceremony is pending and what the key accepted. \
                  Only then move it away",
                 "请保留该文件并查明原因；其中记有哪个仪式在外以及密钥接受过的材料。之后方可移走");
        /// The file is not this draft's list of creations, or is damaged.
        Creations {
            /// The file.
            path: PathBuf,
            /// The line, from 1.
            line: usize,
        } => JOURNAL_FORM,
            what("{} does not list the keys created under this draft, or is damaged at line {line}. Nothing was created",
                 "{} 不是按本草稿创建密钥的台账，或第 {line} 行已损坏。未创建任何密钥", path.display()),
            hint("keep the file: it shows which keys were requested under this draft. Look in the service for each alias of the draft, put the key \
                  ids that this ceremony created into the draft, move the file away, and run the command again",
                 "请保留该文件：其中记有按本草稿请求创建的密钥。请在服务端逐一查找草稿中的别名，将本次仪式所建密钥的 ID 写入草稿，移走该文件，再运行命令");
        /// A token that an interrupted export left was already used for an import.
        Used {
            /// The file.
            path: PathBuf,
            /// The key.
            key_id: KeyId,
        } => JOURNAL_OWN,
            what("{} has an import token for key {key_id} with which this station already imported material. Nothing was sent, and nothing \
                  from the file is used",
                 "本工作站已用 {} 中密钥 {key_id} 的导入令牌导入过材料。未发送任何内容，也未使用该文件的任何内容", path.display()),
            hint("move the file away, keep it, and export again. An export whose material came back was complete: find out who put this file \
                  here",
                 "请移走并保留该文件，然后重新导出。材料已返回的导出无需再完成：请查明是谁放置了该文件");
        /// The file that an interrupted export left holds a token or a wrapping key that this station did not
        /// fetch.
        Foreign {
            /// The file.
            path: PathBuf,
            /// The key.
            key_id: KeyId,
        } => JOURNAL_OWN,
            what("{} has an import token or a wrapping key for key {key_id} that this station's journal does not name as its last fetch for this ceremony. \
                  Nothing was sent, and nothing from the file is used",
                 "{} 中密钥 {key_id} 的导入令牌或包装公钥，不是本工作站操作台账所记载的本次仪式的最后一次获取。未发送任何内容，也未使用该文件的任何内容",
                 path.display()),
            hint("move the file away, keep it, and export again. If the journal was lost, restore it first; if it was not, somebody put this \
                  file here: find out who",
                 "请移走并保留该文件，然后重新导出。若操作台账丢失，请先恢复；若未丢失，则该文件系他人放置：请查明是谁");
        /// The session holds a token, or a wrapping key, that this station did not fetch.
        Unknown(key_id: KeyId) => JOURNAL_OWN,
            what("this station's journal does not name the session's import token and wrapping key for key {key_id} in this ceremony. Nothing was sent",
                 "本工作站的操作台账中没有本次仪式里密钥 {key_id} 的会话导入令牌与包装公钥。未发送任何内容"),
            hint("restore the journal that was there when the session was exported, or give its folder with --journal. If it was here all the \
                  time, this session is not from this station: keep it and find out where it came from",
                 "请恢复导出该会话时所用的操作台账，或用 --journal 指定其文件夹。若操作台账一直在此，则该会话并非来自本工作站：请保留它并查明来源");
        /// There is no folder to keep the journal in.
        NoFolder => USAGE, class(Usage),
            what("there is no folder for the journal: neither --journal nor XDG_STATE_HOME nor HOME is given",
                 "没有可存放操作台账的文件夹：未给出 --journal，也没有 XDG_STATE_HOME 或 HOME"),
            hint("give --journal DIR, a permanent folder", "请用 --journal DIR 指定一个长期保留的文件夹");
    }
}
