//! Recognises key files that are not in OpenSSH's format, and names the command that converts them.
//!
//! `ssh-keygen` can sign with more kinds of file than this program can open, so "not made by ssh-keygen" would be wrong for most
//! of them.

use keyferry_core::encoding::Encoding;
use keyferry_core::{Bilingual, base64_text, bi};

/// A file that was given as a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFile {
    /// PEM, as `ssh-keygen` before 7.8 and `openssl` write it.
    Pem,
    /// PKCS #8, encrypted or not.
    Pkcs8,
    /// PuTTY's own format.
    Putty,
    /// The public half.
    Public,
    /// The right format, encrypted with a cipher that this program does not know.
    Cipher,
    /// The right format, but without a readable key: it was cut off or changed.
    Damaged,
    /// Saved by an editor in another encoding.
    Encoded(Encoding),
    /// Anything else.
    Other,
}

const OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const OPENSSH_END: &str = "-----END OPENSSH PRIVATE KEY-----";
/// The magic that precedes the cipher's name (PROTOCOL.key).
const MAGIC: &[u8] = b"openssh-key-v1\0";

impl KeyFile {
    /// Recognises a file that could not be opened.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let Ok(text) = core::str::from_utf8(bytes) else {
            return Encoding::of(bytes)
                .filter(|e| !matches!(e, Encoding::Other { .. }))
                .map_or(Self::Other, Self::Encoded);
        };
        if let Some(encoding) = Encoding::of(bytes) {
            return Self::Encoded(encoding);
        }
        let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let begins = |starts: &[&str]| starts.iter().any(|start| first.starts_with(start));
        if let Some((_, body)) = text.split_once(OPENSSH) {
            return Self::of_openssh(body);
        }
        match () {
            () if first.ends_with("PUBLIC KEY-----") || first == "---- BEGIN SSH2 PUBLIC KEY ----" => {
                Self::Public
            }
            () if begins(&["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]) => Self::Public,
            () if begins(&["-----BEGIN PRIVATE KEY-----", "-----BEGIN ENCRYPTED PRIVATE KEY-----"]) => {
                Self::Pkcs8
            }
            () if begins(&["-----BEGIN "]) && first.ends_with(" PRIVATE KEY-----") => Self::Pem,
            () if begins(&["PuTTY-User-Key-File-"]) => Self::Putty,
            () => Self::Other,
        }
    }

    /// A file in the right format that the library could not read, because of its cipher or because it is
    /// damaged.
    fn of_openssh(body: &str) -> Self {
        let known =
            ["none", "aes128-cbc", "aes192-cbc", "aes256-cbc", "aes128-ctr", "aes192-ctr", "aes256-ctr"];
        let known = known.into_iter().chain([
            "aes128-gcm@openssh.com",
            "aes256-gcm@openssh.com",
            "chacha20-poly1305@openssh.com",
        ]);
        let cipher = cipher(body);
        match cipher {
            Some(name) if !known.into_iter().any(|known| known == name) => Self::Cipher,
            _ => Self::Damaged,
        }
    }

    pub(super) fn words(self) -> Bilingual {
        match self {
            Self::Pem => bi!(
                "this is a private key in the older PEM format, not in OpenSSH's",
                "这是旧的 PEM 格式的私钥，而不是 OpenSSH 格式"
            ),
            Self::Pkcs8 => bi!(
                "this is a private key in the PKCS#8 format, not in OpenSSH's",
                "这是 PKCS#8 格式的私钥，而不是 OpenSSH 格式"
            ),
            Self::Putty => {
                bi!(
                    "this is a PuTTY key file, not an OpenSSH one",
                    "这是 PuTTY 密钥文件，而不是 OpenSSH 的密钥文件"
                )
            }
            Self::Public => {
                bi!("this is a public key, but the private half is needed", "这是公钥；需要的是私钥")
            }
            Self::Cipher => bi!(
                "this OpenSSH private key is encrypted with a cipher that is not supported here",
                "这把 OpenSSH 私钥所用的加密算法在此不受支持"
            ),
            Self::Damaged => bi!(
                "this OpenSSH private key is damaged: it was cut off or changed",
                "这把 OpenSSH 私钥已损坏：被截断或改动过"
            ),
            Self::Encoded(encoding) => {
                let Bilingual { en, zh } = encoding.name();
                bi!("the key file is {en}", "该密钥文件是{zh}")
            }
            Self::Other => bi!("this is not an OpenSSH private key", "这不是 OpenSSH 私钥"),
        }
    }

    /// The hint: the command after which the file can be opened, or with which another program signs.
    pub(super) fn hint(self) -> Bilingual {
        match self {
            Self::Pem | Self::Pkcs8 | Self::Cipher => bi!(
                "`ssh-keygen -p -f FILE` rewrites the file in OpenSSH's format (keep a copy); or sign with ssh-keygen \
                 itself: keyferry sign without --key prints the command. Nothing was signed",
                "`ssh-keygen -p -f FILE` 会把该文件改写为 OpenSSH 格式（请先备份）；也可直接用 ssh-keygen 签名：\
                 不带 --key 运行 keyferry sign 会打印命令。尚未签名"
            ),
            Self::Putty => bi!(
                "`puttygen FILE -O private-openssh-new -o NEW` converts it to an OpenSSH file; then pass NEW. Nothing was signed",
                "`puttygen FILE -O private-openssh-new -o NEW` 可转换为 OpenSSH 文件；然后使用 NEW。尚未签名"
            ),
            Self::Public => bi!(
                "pass the file without .pub. If the private half is in a token or an agent, run keyferry sign without --key \
                 and use the `ssh-keygen -Y sign` command that it prints. Nothing was signed",
                "请给出不带 .pub 的文件。若私钥在硬件令牌或代理中，请不带 --key 运行 keyferry sign，并使用它打印的 `ssh-keygen -Y sign` 命令。\
                 尚未签名"
            ),
            Self::Damaged => bi!(
                "copy the file again from where it was made; `ssh-keygen -y -f FILE` shows whether it is intact. Nothing was signed",
                "请从原处重新复制该文件；`ssh-keygen -y -f FILE` 可显示其是否完整。尚未签名"
            ),
            Self::Encoded(_) => bi!(
                "copy the file again from where it was made, without opening it in an editor. Nothing was signed",
                "请从原处重新复制该文件，不要用编辑器打开。尚未签名"
            ),
            Self::Other => bi!(
                "pass the private key file that ssh-keygen made. Nothing was signed",
                "请给出 ssh-keygen 生成的私钥文件。尚未签名"
            ),
        }
    }
}

/// The name of the cipher; a key file contains it unencrypted.
fn cipher(body: &str) -> Option<String> {
    let text: String = body.split_once(OPENSSH_END)?.0.split_whitespace().collect();
    let bytes = zeroize::Zeroizing::new(base64_text::decode(text.as_bytes())?);
    let (length, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
    let (name, _) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_first_line() {
        for (text, kind) in [
            ("-----BEGIN RSA PRIVATE KEY-----\nx", KeyFile::Pem),
            ("\n-----BEGIN EC PRIVATE KEY-----\nx", KeyFile::Pem),
            ("-----BEGIN PRIVATE KEY-----\nx", KeyFile::Pkcs8),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nx", KeyFile::Pkcs8),
            ("PuTTY-User-Key-File-3: ssh-ed25519\n", KeyFile::Putty),
            ("ssh-ed25519 AAAA someone\n", KeyFile::Public),
            ("sk-ssh-ed25519@openssh.com AAAA\n", KeyFile::Public),
            ("-----BEGIN PUBLIC KEY-----\nx", KeyFile::Public),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA", KeyFile::Damaged),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\n\n-----END OPENSSH PRIVATE KEY-----\n", KeyFile::Damaged),
            ("-----BEGIN CERTIFICATE-----\nx", KeyFile::Other),
            ("\u{feff}-----BEGIN OPENSSH PRIVATE KEY-----", KeyFile::Encoded(Encoding::Utf8Mark)),
            ("hello", KeyFile::Other),
            ("", KeyFile::Other),
        ] {
            assert_eq!(KeyFile::of(text.as_bytes()), kind, "{text:?}");
        }
        let wide: Vec<u8> = "-----BEGIN".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(KeyFile::of(&wide), KeyFile::Encoded(Encoding::Utf16Le));
        assert_eq!(KeyFile::of(&[0x30, 0x82, 0xff]), KeyFile::Other);
    }
}
