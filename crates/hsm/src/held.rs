//! Why `rewrap` stops: the token's key is not what the record says, or this cannot be determined.

use keyferry_core::{Alias, Commitment, Purpose, refusals};

use crate::protocol::Refusal;

refusals! {
    /// Why a key in the token is not wrapped again.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum NotHeld: Refused {
        /// The record that was given is empty.
        NoRecord => HSM_HELD,
            what("the given record has no complete line", "给出的记录没有一行完整内容"),
            hint("give the transcript.jsonl of the ceremony that made the keys, from its archive. Nothing was loaded or written",
                 "请给出生成这些密钥的仪式档案中的 transcript.jsonl。没有加载或写出任何内容");
        /// It has runs for another purpose.
        Purpose(own: Purpose) => PARAM_PURPOSE,
            what("this run is for a {name}, but the given record is not; nothing was loaded or written",
                 "本次运行用于{name}，而给出的记录并非如此；没有加载或写出任何内容",
                 both name = own.name()),
            hint("bring the record of this key: production never uses what a rehearsal made, and a rehearsal never uses what production made",
                 "请取来该密钥的记录：正式仪式绝不使用演练的产物，演练也绝不使用正式仪式的产物");
        /// The record has no commitment by a token to this key.
        NotRecorded(alias: Alias) => HSM_HELD,
            what("the given record mentions no material that a token made for key {alias}, or no commitment to it",
                 "给出的记录没有硬件令牌为密钥 {alias} 生成的材料，或没有其承诺值"),
            hint("give the record of the ceremony that made this key. If the offline station made it, its shares are the backup: \
                  use keyferry-offline rewrap. No ciphertext was written",
                 "请给出生成该密钥的仪式的记录。若材料由离线工作站生成，其备份是分片：请用 keyferry-offline rewrap。没有写出密文");
        /// No key has the label, or several keys do.
        Keys {
            /// Which label.
            label: String,
            /// How many keys have it.
            keys: u32,
        } => HSM_HELD,
            what("{keys} keys of the token are labelled \"{label}\"; it must be exactly one",
                 "硬件令牌中标签为 \"{label}\" 的密钥有 {keys} 个；必须恰好一个"),
            hint("give the label that the keys were kept under, without the alias; of several, have the maker's tool rename or remove the others. No ciphertext was written",
                 "请给出保留密钥时的标签（不含别名）；若有多个，请用厂商工具重命名或移除其余的。没有写出密文");
        /// The token wraps the key only to keys that the security officer marked.
        Trusted(label: String) => HSM_HELD,
            what("the token wraps the recorded key \"{label}\" only to keys that its security officer marked as trusted",
                 "硬件令牌只把所记录的密钥 \"{label}\" 包装给安全管理员（SO）标记为可信的公钥"),
            hint("run the command again with --trusted, together with the security officer of the token. No ciphertext was written",
                 "请与硬件令牌的安全管理员（SO）一起，加上 --trusted 重新运行命令。没有写出密文");
        /// It is another key.
        Other {
            /// Which key.
            alias: Alias,
            /// The commitment that the token computes.
            found: Commitment,
            /// The commitment in the record.
            recorded: Commitment,
        } => HSM_HELD,
            what("the token's key for {alias} has the commitment {found}; the record says {recorded}",
                 "硬件令牌为密钥 {alias} 所持内容的承诺值为 {found}；记录为 {recorded}"),
            hint("this is not the key's material: look for the right token and label. If there is no other, the key has no backup: plan a new key today. No ciphertext was written",
                 "这不是该密钥的材料：请查找正确的硬件令牌和标签。若没有其他硬件令牌，则该密钥没有备份：请当天计划新密钥。没有写出密文");
        /// The token cannot compute the commitment.
        NoCommitment(refusal: Refusal) => HSM_HELD,
            what("the token computes no commitment to the key ({refusal}), so it cannot be compared with the record",
                 "硬件令牌不能计算密钥的承诺值（{refusal}），因此无法与记录核对"),
            hint("restore the backup into a token of the kind that made the key. No ciphertext was written",
                 "请将备份恢复到与生成该密钥的硬件令牌同类的硬件令牌中。没有写出密文");
    }
}
