//! Why a public key was refused.

use crate::{Bilingual, bi, refusals};

refusals! {
    /// Why a public key was refused. The text of the key is never quoted.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SshKeyError: Refused {
        /// A key that was cut off or folded, a path, a fingerprint, or anything else.
        Form => PLAN_FIELD,
            what("not an OpenSSH public key on one line", "不是单行的 OpenSSH 公钥"),
            hint(use_another_key());
        /// A private key where a public one belongs.
        Private => PLAN_FIELD,
            what("a private key instead of the public one", "这是私钥；此处应为公钥"),
            hint("treat that private key as disclosed: make a new one, and use the line in its .pub file",
                 "请视该私钥为已泄露：重新生成密钥，并使用新密钥 .pub 文件中的那一行");
        /// A certificate, which is not accepted because it is reissued often.
        Certificate => PLAN_FIELD,
            what("a certificate, not a key", "这是证书，不是密钥"),
            hint("use the key itself: the line in the .pub file that the certificate was made for",
                 "请使用密钥本身：签发证书时所用的 .pub 文件中的那一行");
        /// A kind of key that is not accepted.
        Kind(name: String) => PLAN_FIELD,
            what("keys of the kind {name} are not accepted", "不接受 {name} 类型的密钥"),
            hint(use_another_key());
        /// An RSA key that is too short, or too long to be verified.
        RsaBits(bits: usize) => PLAN_FIELD,
            what("an RSA key of {bits} bits; 2048 to 4096 are accepted", "RSA 密钥为 {bits} 位；只接受 2048 到 4096 位"),
            hint(use_another_key());
        /// An RSA key that OpenSSH would not make.
        RsaNumbers => PLAN_FIELD,
            what("an RSA key with an even modulus, or with an exponent that is even, below 65537 or above 32 bits",
                 "该 RSA 密钥的模数为偶数，或其指数为偶数、小于 65537 或超过 32 位"),
            hint(use_another_key());
        /// An RSA key whose private exponent everybody can compute.
        RsaFactors => PLAN_FIELD,
            what("an RSA key that proves nothing: its modulus is a prime, a square, or divisible by a prime below 1000",
                 "该 RSA 密钥不能证明任何人的身份：其模数是素数、完全平方数，或能被小于 1000 的素数整除"),
            hint(use_another_key());
        /// An ECDSA point that belongs to no private key.
        OffCurve => PLAN_FIELD,
            what("an ECDSA key that is not a point of its curve", "该 ECDSA 密钥不是其曲线上的点"),
            hint(use_another_key());
        /// An Ed25519 key whose signatures do not prove who signed.
        Weak => PLAN_FIELD,
            what("an Ed25519 key that proves nothing: it is not a point of the curve in canonical form, or has small order",
                 "该 Ed25519 密钥不能证明任何人的身份：不是曲线上的点的唯一规范编码，或其阶过小"),
            hint(use_another_key());
    }
}

impl SshKeyError {
    /// The error for a name that is not accepted. The name is quoted only if it looks like a kind of key,
    /// because it could be anything.
    pub(super) fn of_kind(name: &str) -> Self {
        if name.contains("-cert-v0") {
            return Self::Certificate;
        }
        let begins =
            ["ssh-", "ecdsa-", "sk-", "rsa-", "webauthn-"].iter().any(|start| name.starts_with(start));
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.@".contains(&b);
        if begins && name.len() <= 64 && name.bytes().all(plain) {
            Self::Kind(name.to_owned())
        } else {
            Self::Form
        }
    }
}

fn use_another_key() -> Bilingual {
    bi!(
        "use an Ed25519, ECDSA, hardware (sk-) or RSA key of 2048 to 4096 bits: the line in its .pub file",
        "请使用 Ed25519、ECDSA、硬件（sk-）或 2048 至 4096 位的 RSA 密钥：其 .pub 文件中的那一行"
    )
}
