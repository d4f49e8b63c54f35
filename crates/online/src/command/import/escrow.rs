//! The escrow that the record names: it is next to the ciphertext before anything is imported.
//!
//! The shares of several keys open `escrow.json` and nothing else. After the import the offline station is gone and its medium may be
//! destroyed: if the file was forgotten, there is no backup, and nobody learns it for years.

use std::path::PathBuf;

use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_core::{Bilingual, Fingerprint, Story, bi, refusals};
use keyferry_transport::{FileError, folder_of, read_capped};

use super::Run;
use crate::Error;

/// Name of the file.
const ESCROW: &str = keyferry_core::artefact::names::ESCROW;

refusals! {
    /// Why the shares of this ciphertext would open nothing here.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EscrowNotHere: Refused {
        /// There is none.
        Missing {
            /// Where it should be.
            path: PathBuf,
            /// The digest that the record names.
            sha256: Fingerprint,
        } => CIPHER_ESCROW,
            what("the record names an escrow with the digest {sha256}, and {} is not there; nothing was sent",
                 "记录列有摘要为 {sha256} 的托管文件，而 {} 不存在；未发送任何内容", path.display()),
            hint(bring_it());
        /// Another one.
        Other {
            /// Which file.
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

impl Run<'_> {
    /// The digest of the escrow, where the record names one.
    pub(super) fn check_escrow(&self) -> Result<Option<Fingerprint>, Error> {
        let named = self.found.chain().and_then(|chain| Story::of(chain).recoverable()?.sharing.escrow);
        let Some(sha256) = named.map(|escrow| escrow.sha256) else { return Ok(None) };
        let path = folder_of(&self.args.ciphertext).join(ESCROW);
        let found = match read_capped(&path, MAX_ARTEFACT) {
            Ok(bytes) => Fingerprint::of(&bytes),
            Err(FileError::NotFound(_)) => return Err(EscrowNotHere::Missing { path, sha256 }.into()),
            Err(error) => return Err(error.into()),
        };
        if found == sha256 {
            Ok(Some(sha256))
        } else {
            Err(EscrowNotHere::Other { path, found, sha256 }.into())
        }
    }

    pub(super) fn show_escrow(&self) {
        let Some(sha256) = self.escrow else { return };
        let console = self.context.console();
        let text = bi!(
            "escrow.json is here, as the record names it: {}",
            "escrow.json 已在此处，与记录所列相符：{}",
            sha256.grouped()
        );
        console.row(&bi!("escrow", "托管"), text.get(console.lang()));
    }
}
