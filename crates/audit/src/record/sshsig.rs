//! Signatures in OpenSSH's format (PROTOCOL.sshsig): one file, one signer, the namespace `keyferry-record`.
//!
//! It refuses any other namespace, a reserved field that is used, certificates, webauthn, DSA, RSA with SHA-1 or outside 2048 to 4096
//! bits, Ed25519 points of small order, and every form other than the one that `ssh-keygen -Y sign` writes. A changed byte of a
//! signature file is refused, with one exception: an ECDSA signature (r, s) has a twin (r, n - s), which anybody can compute and
//! which is equally valid. OpenSSH writes either of the two, so both are accepted.

use keyferry_core::signer::{SshKey, SshKeyError};
use keyferry_core::{Bilingual, bi, refusals};
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

mod foreign;
mod key_file;
mod strict;

pub use key_file::KeyFile;

use super::Message;

/// The namespace that a signature must have: one made for a git commit or a login does not count.
pub const NAMESPACE: &str = "keyferry-record";

refusals! {
    /// Why a key or a signature was refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SignatureError: Refused {
        /// It is not in the armored form that `ssh-keygen -Y sign` writes.
        Form => VERIFY_SIGNATURE,
            what("not exactly a signature file as ssh-keygen writes it", "不是 ssh-keygen 写出的签名文件的原样"),
            hint("use the .sig file that ssh-keygen wrote, unchanged",
                 "请使用 ssh-keygen 写出的 .sig 文件，不要改动");
        /// It was made for something else.
        Namespace(found: String) => VERIFY_SIGNATURE,
            what("the signature was made for {found:?}, not for \"keyferry-record\"",
                 "该签名是为 {found:?} 而不是为 \"keyferry-record\" 作出的"),
            hint("sign again with ssh-keygen -Y sign -n keyferry-record",
                 "请用 ssh-keygen -Y sign -n keyferry-record 重新签名");
        /// A kind of signature that is not accepted.
        Algorithm(name: String) => VERIFY_SIGNATURE,
            what("signatures of the kind {name} are not accepted", "不接受 {name} 类型的签名"),
            hint(use_another_key());
        /// It was made with a certificate, which is not what the plan names.
        Certificate => VERIFY_SIGNATURE,
            what("the signature was made with a certificate", "该签名是用证书作出的"),
            hint("sign with the key itself: give ssh-keygen the key file, not the -cert.pub file",
                 "请用密钥本身签名：传给 ssh-keygen 的应是密钥文件，而不是 -cert.pub 文件");
        /// The signature does not match the key and the transcript.
        Invalid => VERIFY_SIGNATURE,
            what("the signature does not match this transcript and this key", "签名与该记录或该公钥不符"),
            hint("compare the transcript with the copy on the other medium; only then may the signer sign again",
                 "请将记录与另一介质上的副本比较；签名人只对核对过的记录重新签名");
        /// A public key that is not accepted.
        Key(error: SshKeyError) => VERIFY_SIGNATURE, what(error.what()), hint(error.hint());
        /// A file that cannot be opened as a private key.
        PrivateKey(file: KeyFile) => SIGN_KEY, what(file.words()), hint(file.hint());
        /// The passphrase of the key file is wrong.
        Passphrase => SIGN_KEY,
            what("the passphrase is wrong", "口令错误"),
            hint("run the command again and type the passphrase of this key file; nothing was signed",
                 "请重新运行命令并输入该密钥文件的口令；尚未签名");
        /// The key is in a hardware token: only `ssh-keygen` can sign with it.
        Token => SIGN_KEY,
            what("this key is in a hardware token", "该密钥保存在硬件令牌中"),
            hint("sign with ssh-keygen: run keyferry sign without --key, which prints the command",
                 "请用 ssh-keygen 签名：运行不带 --key 的 keyferry sign，它会打印命令");
    }
}

fn use_another_key() -> Bilingual {
    bi!(
        "use an Ed25519, ECDSA, hardware (sk-) or RSA key of 2048 to 4096 bits: the line in its .pub file",
        "请使用 Ed25519、ECDSA、硬件（sk-）或 2048 至 4096 位的 RSA 密钥：其 .pub 文件中的那一行"
    )
}

/// The public key of a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerKey(PublicKey);

impl SignerKey {
    /// Parses one line of a `.pub` file; a comment is allowed and dropped.
    ///
    /// # Errors
    /// [`SignatureError::Key`].
    pub fn parse(line: &str) -> Result<Self, SignatureError> {
        let checked: SshKey = line.parse().map_err(SignatureError::Key)?;
        let key =
            PublicKey::from_openssh(&checked.line()).map_err(|_| SignatureError::Key(SshKeyError::Form))?;
        strict::check_key(key.key_data())?;
        Ok(Self(key))
    }

    /// Makes the same checks for a key that the library has read.
    fn check(key: &PublicKey) -> Result<Self, SignatureError> {
        if key.key_data().is_certificate() {
            return Err(SignatureError::Key(SshKeyError::Certificate));
        }
        let line = key.to_openssh().map_err(|_| SignatureError::Key(SshKeyError::Form))?;
        Self::parse(line.trim_end())
    }

    /// The key in the form for `allowed_signers`: type and base64.
    #[must_use]
    pub fn line(&self) -> String {
        self.0.to_openssh().map(|line| line.trim_end().to_owned()).unwrap_or_default()
    }

    /// The fingerprint as `ssh-keygen -l` shows it: `SHA256:` and base64.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }

    /// OpenSSH's name for the kind of key.
    #[must_use]
    pub fn kind(&self) -> String {
        self.0.algorithm().to_string()
    }
}

/// A name from a file, shortened and printable.
fn name(algorithm: &Algorithm) -> String {
    algorithm.to_string().chars().filter(|c| c.is_ascii_graphic()).take(64).collect()
}

/// One signature file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSignature(SshSig);

impl RecordSignature {
    /// Parses the exact bytes of a signature file; the only accepted namespace is `keyferry-record`.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SignatureError> {
        let text = core::str::from_utf8(bytes).map_err(|_| SignatureError::Form)?;
        let unread = |_| foreign::kind(text).map_or(SignatureError::Form, SignatureError::Algorithm);
        let signature = SshSig::from_pem(text).map_err(unread)?;
        let written = signature.to_pem(LineEnding::LF).map_err(|_| SignatureError::Form)?;
        if written.trim_end() != text.strip_suffix('\n').unwrap_or_default()
            || !signature.reserved().is_empty()
            || signature.version() != SshSig::VERSION
        {
            return Err(SignatureError::Form);
        }
        if signature.namespace() != NAMESPACE {
            let found = signature.namespace().chars().filter(|c| !c.is_control()).take(64).collect();
            return Err(SignatureError::Namespace(found));
        }
        Ok(Self(signature))
    }

    /// The key that the signature names. The plan says whose it is.
    ///
    /// # Errors
    /// [`SignatureError::Key`].
    pub fn key(&self) -> Result<SignerKey, SignatureError> {
        SignerKey::check(&PublicKey::from(self.0.public_key().clone()))
    }

    /// Verifies the signature over `message` under `key`.
    ///
    /// # Errors
    /// [`SignatureError::Invalid`] or [`SignatureError::Certificate`]; [`SignatureError::Algorithm`] for RSA with SHA-1 and for
    /// unknown algorithms.
    pub fn verify(&self, key: &SignerKey, message: &[u8]) -> Result<(), SignatureError> {
        self.verify_message(key, &Message::of(message))
    }

    /// As [`verify`](Self::verify), for a message that is not in memory.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_message(&self, key: &SignerKey, message: &Message) -> Result<(), SignatureError> {
        if self.0.public_key().is_certificate() {
            return Err(SignatureError::Certificate);
        }
        let made = self.0.signature().algorithm();
        if matches!(made, Algorithm::Rsa { hash: None } | Algorithm::Dsa | Algorithm::Other(_)) {
            return Err(SignatureError::Algorithm(name(&made)));
        }
        let same_kind =
            made == key.0.algorithm() || (matches!(made, Algorithm::Rsa { .. }) && key.0.key_data().is_rsa());
        if !same_kind || self.0.public_key() != key.0.key_data() {
            return Err(SignatureError::Invalid);
        }
        let digest = message.digest(self.0.hash_alg());
        key.0.verify_prehash(NAMESPACE, digest, &self.0).map_err(|_| SignatureError::Invalid)?;
        strict::check(key.0.key_data(), &self.0, digest)
    }

    /// Whether somebody touched the hardware token; `None` for keys in files.
    #[must_use]
    pub fn touched(&self) -> Option<bool> {
        let data = self.0.public_key();
        let token = data.is_sk_ed25519() || data.is_sk_ecdsa_p256();
        // The last five bytes are flags and counter (PROTOCOL.u2f); bit 0 is the user's presence.
        let flags = self.0.signature_bytes().iter().nth_back(4);
        token.then(|| flags.is_some_and(|flags| flags & 1 == 1))
    }
}

/// A private key from an OpenSSH key file, wiped when dropped.
pub struct HeldKey(PrivateKey);

impl core::fmt::Debug for HeldKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HeldKey(…)")
    }
}

impl HeldKey {
    /// Parses a private key file; `passphrase` is asked for only if the file is encrypted.
    ///
    /// # Errors
    /// [`SignatureError`], or the error from `passphrase`.
    pub fn open<E: From<SignatureError>>(
        bytes: &[u8],
        passphrase: impl FnOnce() -> Result<zeroize::Zeroizing<String>, E>,
    ) -> Result<Self, E> {
        // A form or an editor may have added empty lines, which ssh-keygen accepts too.
        let key = PrivateKey::from_openssh(bytes.trim_ascii_end());
        let mut key = key.map_err(|_| SignatureError::PrivateKey(KeyFile::of(bytes)))?;
        if key.is_encrypted() {
            // The library knows only the cipher's name, so no passphrase would work.
            if KeyFile::of(bytes) == KeyFile::Cipher {
                return Err(SignatureError::PrivateKey(KeyFile::Cipher).into());
            }
            key = key.decrypt(passphrase()?.as_bytes()).map_err(|_| SignatureError::Passphrase)?;
        }
        SignerKey::check(key.public_key())?;
        let data = key.public_key().key_data();
        if data.is_sk_ed25519() || data.is_sk_ecdsa_p256() {
            return Err(SignatureError::Token.into());
        }
        Ok(Self(key))
    }

    /// An Ed25519 key from a seed, for rehearsals, where it is thrown away with everything else.
    #[must_use]
    pub fn throwaway(seed: &zeroize::Zeroizing<[u8; 32]>) -> Self {
        Self(PrivateKey::from(ssh_key::private::Ed25519Keypair::from_seed(seed)))
    }

    /// The key as an unencrypted OpenSSH file.
    ///
    /// # Errors
    /// [`SignatureError::PrivateKey`] if it cannot be written.
    pub fn to_file(&self) -> Result<zeroize::Zeroizing<String>, SignatureError> {
        self.0.to_openssh(LineEnding::LF).map_err(|_| SignatureError::PrivateKey(KeyFile::Other))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SignerKey {
        let mut key = self.0.public_key().clone();
        key.set_comment(String::new());
        SignerKey(key)
    }

    /// Signs `message` as `ssh-keygen -Y sign -n keyferry-record` does, and returns the armored text.
    ///
    /// # Errors
    /// [`SignatureError::Invalid`] if no signature could be made.
    pub fn sign(&self, message: &[u8]) -> Result<String, SignatureError> {
        self.sign_message(&Message::of(message))
    }

    /// As [`sign`](Self::sign), for a message that is not in memory.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn sign_message(&self, message: &Message) -> Result<String, SignatureError> {
        let (algorithm, digest) = (HashAlg::Sha512, message.digest(HashAlg::Sha512));
        let made = SshSig::sign_prehash(&self.0, NAMESPACE, algorithm, digest);
        let made = made.map_err(|_| SignatureError::Invalid)?;
        let text = made.to_pem(LineEnding::LF).map_err(|_| SignatureError::Invalid)?;
        Ok(format!("{}\n", text.trim_end()))
    }
}
