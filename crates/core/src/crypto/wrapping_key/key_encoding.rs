//! Detects the encoding of a key file, and says what the file is if it is not a public key.

use super::der::{self, Reader, tag};
use crate::{Bilingual, base64_text, bi};

/// How a public key was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Raw DER.
    Der,
    /// PEM with label PUBLIC KEY (RFC 7468 §13).
    Pem,
    /// Base64 of DER on one line, as the API returns it.
    Base64,
    /// Base64 of DER with line breaks.
    Base64Wrapped,
}

/// The kind of a file that is not a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // The names are self-explanatory; `name` spells them out.
pub enum Found {
    Nothing,
    TooLong,
    Unknown,
    Truncated,
    Hex,
    DoubleBase64,
    Base64OfPem,
    BadBase64,
    BadPem,
    PemPkcs1PublicKey,
    PemPrivateKey,
    PemCertificate,
    PemOther,
    DerPkcs1PublicKey,
    DerPrivateKey,
    DerCertificate,
    Json,
    OpenSsh,
}

/// Longest input that is examined, in bytes. An RSA-16384 key in PEM is much shorter.
pub const MAX_KEY_INPUT: usize = 16 * 1024;

const PEM_BEGIN: &[u8] = b"-----BEGIN ";

/// The DER that a file's bytes contain.
pub(super) fn to_der(bytes: &[u8]) -> Result<(Vec<u8>, Encoding), Found> {
    if bytes.len() > MAX_KEY_INPUT {
        return Err(Found::TooLong);
    }
    let trimmed = bytes.trim_ascii();
    match trimmed {
        [] => Err(Found::Nothing),
        [0x30, 0x81..=0x84, ..] => Ok((bytes.to_vec(), Encoding::Der)),
        [b'{' | b'[', ..] => Err(Found::Json),
        text if text.starts_with(PEM_BEGIN) => from_pem(text).map(|der| (der, Encoding::Pem)),
        text if text.starts_with(b"ssh-") => Err(Found::OpenSsh),
        text if text.iter().all(|b| b.is_ascii_hexdigit() || b.is_ascii_whitespace())
            && text.starts_with(b"308") =>
        {
            Err(Found::Hex)
        }
        text => from_base64(text),
    }
}

fn from_base64(text: &[u8]) -> Result<(Vec<u8>, Encoding), Found> {
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    if !text.iter().all(|b| is_base64(b) || b.is_ascii_whitespace()) {
        return Err(Found::Unknown);
    }
    let compact: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let der = base64_text::decode(&compact).ok_or(Found::BadBase64)?;
    match der.as_slice() {
        [0x30, 0x81..=0x84, ..] => {
            let wrapped = compact.len() != text.len();
            Ok((der, if wrapped { Encoding::Base64Wrapped } else { Encoding::Base64 }))
        }
        inner if inner.starts_with(PEM_BEGIN) => Err(Found::Base64OfPem),
        inner if inner.len() > 64 && inner.iter().all(|b| is_base64(b) || b.is_ascii_whitespace()) => {
            Err(Found::DoubleBase64)
        }
        _ => Err(Found::Unknown),
    }
}

fn from_pem(text: &[u8]) -> Result<Vec<u8>, Found> {
    let text = core::str::from_utf8(text).map_err(|_| Found::BadPem)?;
    let (label, rest) =
        text.strip_prefix("-----BEGIN ").and_then(|t| t.split_once("-----")).ok_or(Found::BadPem)?;
    match label {
        "PUBLIC KEY" => {}
        "RSA PUBLIC KEY" => return Err(Found::PemPkcs1PublicKey),
        "CERTIFICATE" => return Err(Found::PemCertificate),
        l if l.ends_with("PRIVATE KEY") => return Err(Found::PemPrivateKey),
        _ => return Err(Found::PemOther),
    }
    let body = rest.strip_suffix("-----END PUBLIC KEY-----").ok_or(Found::BadPem)?;
    let compact: Vec<u8> = body.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    base64_text::decode(&compact).ok_or(Found::BadPem)
}

/// Length in bytes of the outer DER element, header included.
pub(super) fn outer_length(der: &[u8]) -> Option<usize> {
    let (header, length) = match der {
        [0x30, n @ 0..=0x7f, ..] => (2, usize::from(*n)),
        [0x30, 0x81, n, ..] => (3, usize::from(*n)),
        [0x30, 0x82, a, b, ..] => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        _ => return None,
    };
    Some(header + length)
}

/// Says what DER looks like if it is not a SubjectPublicKeyInfo.
pub(super) fn name_der(der: &[u8]) -> Found {
    if outer_length(der).is_some_and(|len| len > der.len()) {
        return Found::Truncated;
    }
    match tags(der).as_deref() {
        Some([tag::INTEGER, tag::INTEGER]) => Found::DerPkcs1PublicKey,
        Some([tag::INTEGER, tag::INTEGER, ..] | [tag::INTEGER, tag::SEQUENCE | tag::OCTET_STRING, ..]) => {
            Found::DerPrivateKey
        }
        Some([tag::SEQUENCE, tag::SEQUENCE, tag::BIT_STRING]) => Found::DerCertificate,
        _ => Found::Unknown,
    }
}

/// The tags inside one SEQUENCE.
fn tags(der: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(der::only(der, tag::SEQUENCE)?);
    let mut tags = Vec::new();
    while !reader.is_finished() {
        tags.push(reader.element()?.tag);
    }
    Some(tags)
}

impl Found {
    /// The kind of the file, in words.
    #[must_use]
    pub fn name(&self) -> Bilingual {
        match self {
            Self::Nothing => bi!("empty", "空文件"),
            Self::TooLong => bi!("far longer than a public key", "远长于一个公钥的数据"),
            Self::Unknown => bi!("something else", "其他内容"),
            Self::Truncated => bi!("DER that ends too early", "不完整的 DER"),
            Self::Hex => bi!("hex text", "十六进制文本"),
            Self::DoubleBase64 => bi!("base64 of base64", "两次 base64 编码的内容"),
            Self::Base64OfPem => bi!("base64 of a PEM file", "PEM 文件的 base64"),
            Self::BadBase64 => bi!("broken base64", "损坏的 base64"),
            Self::BadPem => bi!("broken PEM", "损坏的 PEM"),
            Self::PemPkcs1PublicKey => {
                bi!("a PKCS#1 key in PEM (RSA PUBLIC KEY)", "PEM 形式的 PKCS#1 公钥（RSA PUBLIC KEY）")
            }
            Self::PemPrivateKey => bi!("a private key in PEM", "PEM 形式的私钥"),
            Self::PemCertificate => bi!("a certificate in PEM", "PEM 形式的证书"),
            Self::PemOther => bi!("PEM with another label", "其他标签的 PEM"),
            Self::DerPkcs1PublicKey => bi!("a PKCS#1 key in DER", "DER 形式的 PKCS#1 公钥"),
            Self::DerPrivateKey => bi!("a private key in DER", "DER 形式的私钥"),
            Self::DerCertificate => bi!("a certificate in DER", "DER 形式的证书"),
            Self::Json => bi!("JSON", "JSON"),
            Self::OpenSsh => bi!("an OpenSSH key line", "OpenSSH 公钥行"),
        }
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> Bilingual {
        match self {
            Self::DoubleBase64 | Self::Base64OfPem | Self::Hex => bi!(
                "undo one encoding: the file should hold the API's PublicKey text, or that text decoded once",
                "请解除一层编码：文件应为 API 返回的 PublicKey 文本，或其解码一次的结果"
            ),
            Self::PemPkcs1PublicKey | Self::DerPkcs1PublicKey => bi!(
                "convert it: `openssl rsa -RSAPublicKey_in -in FILE -pubout -outform DER -out public_key.bin`",
                "请转换：`openssl rsa -RSAPublicKey_in -in FILE -pubout -outform DER -out public_key.bin`"
            ),
            Self::PemPrivateKey | Self::DerPrivateKey => bi!(
                "a private key does not belong here: remove it from this medium, and find out how it got there",
                "此处不应出现私钥：请将其从介质上移除，并查明来源"
            ),
            Self::Json => bi!(
                "give only the PublicKey member; a parameters.json goes to `keyferry-offline wrap`",
                "请只提供 PublicKey 字段；parameters.json 应交给 `keyferry-offline wrap`"
            ),
            Self::Nothing
            | Self::TooLong
            | Self::Unknown
            | Self::Truncated
            | Self::BadBase64
            | Self::BadPem
            | Self::PemCertificate
            | Self::PemOther
            | Self::DerCertificate
            | Self::OpenSsh => bi!(
                "copy the public key of the import parameters again, as the provider's API returned it or decoded once",
                "请重新取得云平台接口返回的导入参数中的公钥：原样，或解码一次"
            ),
        }
    }
}
