//! Why the shares of a ciphertext would be useless here.

use std::path::PathBuf;

use keyferry_core::{Bilingual, Fingerprint, bi, refusals};

refusals! {
    /// Why the shares of this ciphertext would be useless here.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EscrowNotHere: Refused {
        /// There is no escrow.
        Missing {
            /// Where it should be.
            path: PathBuf,
            /// The digest that the record names.
            sha256: Fingerprint,
        } => CIPHER_ESCROW,
            what("the record names an escrow with the digest {sha256}, and {} is not there; nothing was sent",
                 "记录列有摘要为 {sha256} 的托管文件，而 {} 不存在；未发送任何内容", path.display()),
            hint(bring_it());
        /// The escrow is a different one.
        Other {
            /// The file.
            path: PathBuf,
            /// Its digest.
            found: Fingerprint,
            /// The digest that the record names.
            sha256: Fingerprint,
        } => CIPHER_ESCROW,
            what("{} has the digest {found}, and the record names an escrow with the digest {sha256}; nothing was sent",
                 "{} 的摘要是 {found}，而记录列有摘要为 {sha256} 的托管文件；未发送任何内容", path.display()),
            hint(bring_it());
    }
}

fn bring_it() -> Bilingual {
    bi!(
        "bring the escrow.json that the offline station wrote with this ciphertext: copy it from the medium, or show it there with \
         `keyferry-offline show escrow.json` and read it here with `keyferry-online receive`. Without it the shares open nothing. Then run the command again",
        "请取来离线工作站与该密文一同写出的 escrow.json：从介质复制，或在离线工作站运行 `keyferry-offline show escrow.json`，并在此用 \
         `keyferry-online receive` 读入。没有它，分片无法打开任何内容。然后重新运行该命令"
    )
}
