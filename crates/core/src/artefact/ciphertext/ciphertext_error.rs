//! Why a ciphertext was refused before anything was sent.

use crate::{Alias, Bilingual, CeremonyId, Fingerprint, Purpose, WrapError, bi, refusals};

refusals! {
    /// Why a ciphertext was refused before anything was sent.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // `found` and `session` are the two sides of each comparison.
    pub enum CiphertextError: Refused {
        /// A rehearsal's ciphertext in production, or the reverse.
        Purpose { found: Purpose, session: Purpose } => CIPHER_PURPOSE,
            what("this ciphertext belongs to a {found}; the session is for a {session}",
                 "该密文属于{found}；而会话用于{session}", both found = found.name(), session = session.name()),
            hint(bring_this_ceremonys());
        /// Seeded material in production.
        Seeded => CIPHER_PURPOSE,
            what("this ciphertext holds seeded rehearsal material; the session is for production",
                 "该密文是由种子生成的演练材料；而会话属于正式仪式"),
            hint(bring_this_ceremonys());
        /// It belongs to another ceremony.
        Ceremony { found: CeremonyId, session: CeremonyId } => CIPHER_CEREMONY,
            what("this ciphertext belongs to ceremony {found}; the session belongs to {session}",
                 "该密文属于仪式 {found}；而会话属于 {session}"),
            hint(bring_this_sessions());
        /// It was made for other parameters, from an older file or another export.
        Parameters { found: Fingerprint, session: Fingerprint } => CIPHER_PARAMETERS,
            what("this ciphertext was made for parameters {found}; the session's are {session}",
                 "该密文是为参数 {found} 制作的；会话中的参数是 {session}"),
            hint(bring_this_sessions());
        /// Its format version is older than that of the parameters that it names.
        Version => CIPHER_PARAMETERS,
            what("this ciphertext has an older format version than the parameters that it names",
                 "该密文的格式版本早于其所对应的参数"),
            hint(bring_this_sessions());
        /// A key was not exported, or is out of order.
        UnknownKey(alias: Alias) => CIPHER_KEY,
            what("key {alias} was not exported in this session, or is out of order",
                 "密钥 {alias} 不是本会话导出的，或顺序不符"),
            hint(copy_again_or_wrap_again());
        /// Wrapped to another wrapping key.
        WrappingKey(alias: Alias) => CIPHER_WRAPPING_KEY,
            what("the material of key {alias} was wrapped to another wrapping key",
                 "密钥 {alias} 的材料是用另一把包装密钥包装的"),
            hint(copy_again_or_wrap_again());
        /// An entry was swapped or altered.
        Binding(alias: Alias) => CIPHER_BINDING,
            what("the entry of key {alias} failed its integrity check: it was altered, or swapped with another entry",
                 "密钥 {alias} 的条目绑定不符：已被调换或改动"),
            hint(copy_again_or_wrap_again());
        /// The wrapped bytes are not one RSA block of the expected length.
        Block(alias: Alias, e: WrapError) => (e.control()), what(e.what()), hint(e.hint());
        /// The digest differs from the one given for comparison.
        Digest { found: Fingerprint, expected: Fingerprint } => CIPHER_DIGEST,
            what("the digest of this ciphertext is {found}; expected {expected}",
                 "该密文的摘要是 {found}；应为 {expected}"),
            hint(copy_again_or_wrap_again());
        /// The last ciphertext that the record names has a different digest.
        NotLast { found: Fingerprint, last: Fingerprint } => CIPHER_LAST,
            what("the digest of this ciphertext is {found}; the last one that the record names is {last}. Nothing was sent",
                 "该密文的摘要是 {found}；而记录中最后列出的是 {last}。未发送任何请求"),
            hint("bring ciphertext.json and transcript.jsonl of the offline station's last run; a key accepts only one material in its lifetime",
                 "请取来离线工作站最后一次运行的 ciphertext.json 与 transcript.jsonl；一个密钥终身只接受同一份材料");
    }
}

fn bring_this_ceremonys() -> Bilingual {
    bi!(
        "rehearsal and production use separate media: bring the ciphertext of this ceremony",
        "演练与正式仪式使用不同的介质：请取来本次仪式的密文"
    )
}

fn bring_this_sessions() -> Bilingual {
    bi!(
        "bring the ciphertext.json made from this session's parameters.json; an older one can no longer be imported. Nothing was sent",
        "请取来由本会话的 parameters.json 制作的 ciphertext.json；旧文件已失效。尚未发送任何请求"
    )
}

fn copy_again_or_wrap_again() -> Bilingual {
    bi!(
        "stop: what arrived is not what left the offline station. Copy ciphertext.json again and compare \
         the digest; if it is equal there, wrap again. Nothing was sent",
        "停止：收到的与离线工作站发出的不一致。请重新复制 ciphertext.json 并核对摘要；若与离线工作站相同，请重新包装。尚未发送任何请求"
    )
}
