//! Why an import was refused, for the log and for `/imports`. The client learns no more than from the real service.
//!
//! People with their own tools use a different OAEP, wrap to a public key that is not the latest, or wrap text instead of bytes;
//! the service has one answer for all of them. Nothing here reveals a byte of material.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};
use keyferry_core::{Bilingual, Fingerprint, bi};
use keyferry_emulator_kit::Cause;
use keyferry_tencent::wire::ImportKeyMaterialRequest;
use rsa::PrivateKey;
use zeroize::Zeroizing;

use crate::key::{Binding, Handed, KEPT_FETCHES, Key};
use crate::state::{Call, Kms};
use crate::unwrap::BLOCK;
use crate::unwrap::any::{Encoding, open};

/// The most pairs that are tried on a refused import: each costs a private-key operation.
const MAX_PAIRS: usize = 64;

fn cause(code: &'static str, text: Bilingual) -> Cause {
    Cause { code, text }
}

/// Which fetch a pair belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose<'a> {
    /// The last fetch.
    Last,
    /// An earlier fetch for the same key.
    Earlier,
    /// A fetch for another key.
    Other(&'a str),
}

/// The known facts about the key whose import was refused.
pub(crate) struct Known {
    bytes: usize,
    binding: Option<Binding>,
    last: Option<(Handed, Encoding)>,
    expired: bool,
    earlier: Vec<Handed>,
    others: Vec<(String, Handed)>,
}

impl Known {
    /// Collects the facts about one key, in its state after the refusal.
    fn of(key: &Key, call: &Call<'_>) -> Self {
        let last = key.parameters.as_ref().map(|p| (p.handed(), Encoding::from(p.algorithm)));
        let expired = key.parameters.as_ref().is_some_and(|p| call.now >= p.valid_to);
        let bytes = key.edition.material().bytes();
        Self { bytes, binding: key.binding, last, expired, earlier: key.earlier.clone(), others: Vec::new() }
    }

    /// Everything that is wrong with a refused request's token and ciphertext, as far as it can be determined.
    fn causes(&self, request: &ImportKeyMaterialRequest) -> Vec<Cause> {
        let mut causes = self.token(request.import_token.expose());
        match block(request.encrypted_key_material.expose()) {
            Err(why) => causes.push(why),
            Ok(block) => causes.extend(self.opened(&block)),
        }
        causes
    }

    fn token(&self, token: &str) -> Vec<Cause> {
        let token = Fingerprint::of(token.as_bytes());
        let is = |handed: &Handed| handed.token == token;
        if self.last.as_ref().is_some_and(|(last, _)| is(last)) {
            let late = cause("token-expired", bi!("the token has expired", "导入令牌已过期"));
            return self.expired.then_some(late).into_iter().collect();
        }
        if self.earlier.iter().any(is) {
            let text = bi!(
                "the token comes from an earlier fetch: a later fetch made it invalid",
                "导入令牌来自较早的一次获取：此后又获取了参数，该导入令牌已失效"
            );
            return vec![cause("token-of-an-earlier-fetch", text)];
        }
        if let Some((id, _)) = self.others.iter().find(|(_, handed)| is(handed)) {
            let text = bi!("the token belongs to another key, {id}", "导入令牌属于另一个密钥 {id}");
            return vec![cause("token-of-another-key", text)];
        }
        let text = bi!(
            "this emulator did not issue the token (in the last {KEPT_FETCHES} fetches of each key)",
            "该导入令牌不是本模拟器发出的（每个密钥只记住最近 {KEPT_FETCHES} 次获取）"
        );
        vec![cause("token-unknown", text)]
    }

    fn opened(&self, block: &[u8]) -> Vec<Cause> {
        let reversed: Vec<u8> = block.iter().rev().copied().collect();
        let found = self.search(block).map(|found| (found, false));
        let found = found.or_else(|| self.search(&reversed).map(|found| (found, true)));
        let Some(((whose, encoding, message), reversed)) = found else {
            let text = bi!(
                "the ciphertext does not open with any public key that was issued and any padding known here: it is damaged, \
                 or was made with another public key",
                "密文用任何已发出的公钥与任何已知填充都无法解开：密文已损坏，或使用了其他公钥"
            );
            return vec![cause("opens-under-nothing", text)];
        };
        let mut causes = Vec::new();
        if reversed {
            let text = bi!(
                "the bytes of the ciphertext are in reverse order, as Windows CryptoAPI writes them",
                "密文的字节顺序是反的（Windows CryptoAPI 的写法）"
            );
            causes.push(cause("reversed", text));
        }
        causes.extend(wrapped_under(whose));
        causes.extend(self.padded(encoding));
        // Without padding, leading zeros cannot be distinguished from zeros that belong to the message.
        if encoding != Encoding::Raw || message.len() > self.bytes {
            causes.extend(self.content(&message));
        }
        causes
    }

    /// The first pair that opens the block, and what it opens to.
    fn search(&self, block: &[u8]) -> Option<(Whose<'_>, Encoding, Zeroizing<Vec<u8>>)> {
        let last = self.last.iter().map(|(last, _)| (Whose::Last, last));
        let earlier = self.earlier.iter().rev().map(|handed| (Whose::Earlier, handed));
        let others = self.others.iter().map(|(id, handed)| (Whose::Other(id), handed));
        let mut tried: Vec<&Arc<PrivateKey>> = Vec::new();
        for (whose, handed) in last.chain(earlier).chain(others) {
            if tried.iter().any(|pair| Arc::ptr_eq(pair, &handed.pair)) {
                continue;
            }
            if tried.len() == MAX_PAIRS {
                return None;
            }
            tried.push(&handed.pair);
            if let Some((encoding, message)) = open(&handed.pair, block) {
                return Some((whose, encoding, message));
            }
        }
        None
    }

    fn padded(&self, found: Encoding) -> Option<Cause> {
        let expected = self.last.as_ref().map(|(_, encoding)| *encoding).filter(|e| *e != found)?;
        let code = match (found, expected) {
            (Encoding::Oaep { hash, .. }, Encoding::Oaep { hash: right, .. }) if hash == right => "oaep-mgf",
            (Encoding::Oaep { .. }, _) => "oaep-hash",
            (Encoding::Labelled { .. }, _) => "oaep-label",
            (Encoding::Pkcs1, _) => "pkcs1",
            (Encoding::Raw, _) => "no-padding",
        };
        let ([found_en, found_zh], [right_en, right_zh]) = (named(found), named(expected));
        let (hint_en, hint_zh) = if matches!(code, "oaep-mgf") { JAVA } else { ("", "") };
        let en = format!("opens as {found_en}; the parameters are for {right_en}{hint_en}");
        let zh = format!("以{found_zh}可以解开；而参数要求{right_zh}{hint_zh}");
        Some(cause(code, Bilingual { en, zh }))
    }

    fn content(&self, message: &[u8]) -> Option<Cause> {
        let (length, bytes) = (message.len(), self.bytes);
        if length == bytes {
            let bound = self.binding.is_some_and(|binding| binding != Binding::of(message));
            let text = bi!(
                "the key accepts only the material that was imported into it first, and this is different material",
                "该密钥只接受首次导入的密钥材料，而这是另一份"
            );
            return bound.then(|| cause("another-material", text));
        }
        let inside = |code, en: &str, zh: &str| {
            let text = bi!(
                "inside is {en}: {length} bytes instead of the {bytes} bytes of the material",
                "其中是{zh}：{length} 字节，而不是 {bytes} 字节的密钥材料"
            );
            Some(cause(code, text))
        };
        let text = message.trim_ascii_end();
        if text.len() == bytes && length > bytes {
            return inside(
                "line-break-inside",
                "the material followed by a line break",
                "末尾带换行的密钥材料",
            );
        }
        if text.len() == 2 * bytes && text.iter().all(u8::is_ascii_hexdigit) {
            return inside("hex-inside", "hexadecimal text", "十六进制文本");
        }
        let unpadded =
            text.iter().position(|b| *b == b'=').map_or(text, |end| text.get(..end).unwrap_or(text));
        if BASE64_STANDARD_NO_PAD.decode(unpadded).is_ok_and(|inner| inner.len() == bytes) {
            return inside("base64-inside", "base64 text", "base64 文本");
        }
        let text = bi!(
            "opens, but to {length} bytes; a key of this region needs {bytes}",
            "可以解开，但得到 {length} 字节；该地域的密钥需要 {bytes} 字节"
        );
        Some(cause("length", text))
    }
}

/// The explanation of the most frequent mistake.
const JAVA: (&str, &str) = (
    ". This is what Java makes of OAEPWithSHA-256AndMGF1Padding without an OAEPParameterSpec that names MGF1-SHA-256",
    "。Java 的 OAEPWithSHA-256AndMGF1Padding 若不用 OAEPParameterSpec 指明 MGF1-SHA-256，得到的就是这种结果",
);

fn named(encoding: Encoding) -> [String; 2] {
    let both = |text: String| [text.clone(), format!(" {text}")];
    match encoding {
        Encoding::Oaep { hash, mgf } => both(format!("RSAES-OAEP with {hash} and MGF1-{mgf}")),
        Encoding::Labelled { hash, mgf } => [
            format!("RSAES-OAEP with {hash}, MGF1-{mgf} and a label"),
            format!(" RSAES-OAEP with {hash}、MGF1-{mgf} 加标签"),
        ],
        Encoding::Pkcs1 => both("RSAES-PKCS1-v1_5".to_owned()),
        Encoding::Raw => ["RSA without any padding".to_owned(), "无填充的 RSA ".to_owned()],
    }
}

fn wrapped_under(whose: Whose<'_>) -> Option<Cause> {
    match whose {
        Whose::Last => None,
        Whose::Earlier => {
            let text = bi!(
                "wrapped to the public key of an earlier fetch for this key: parameters were fetched again afterwards",
                "使用了该密钥较早一次获取的公钥：此后又获取了参数"
            );
            Some(cause("public-key-of-an-earlier-fetch", text))
        }
        Whose::Other(id) => {
            let text = bi!("wrapped to the public key of another key, {id}", "使用了另一个密钥 {id} 的公钥");
            Some(cause("public-key-of-another-key", text))
        }
    }
}

/// The block, or what is wrong with its text.
fn block(text: &str) -> Result<Zeroizing<Vec<u8>>, Cause> {
    let decoded = BASE64_STANDARD.decode(text).map(Zeroizing::new);
    let Ok(bytes) = decoded else { return Err(not_base64(text)) };
    if bytes.len() == BLOCK {
        return Ok(bytes);
    }
    let inner = bytes.trim_ascii();
    if BASE64_STANDARD.decode(inner).is_ok_and(|inner| inner.len() == BLOCK) {
        let text =
            bi!("EncryptedKeyMaterial is base64 of base64", "EncryptedKeyMaterial 被 base64 编码了两次");
        return Err(cause("base64-twice", text));
    }
    if inner.len() == 2 * BLOCK && inner.iter().all(u8::is_ascii_hexdigit) {
        let text = bi!(
            "EncryptedKeyMaterial is base64 of hexadecimal text",
            "EncryptedKeyMaterial 是十六进制文本的 base64"
        );
        return Err(cause("base64-of-hex", text));
    }
    let length = bytes.len();
    let text = bi!(
        "the ciphertext has {length} bytes; one block of RSA 2048 has {BLOCK}",
        "密文为 {length} 字节；RSA 2048 的一个分组为 {BLOCK} 字节"
    );
    Err(cause("ciphertext-length", text))
}

fn not_base64(text: &str) -> Cause {
    let dense: String = text.split_ascii_whitespace().collect();
    if dense.len() < text.len() && BASE64_STANDARD.decode(&dense).is_ok() {
        let text = bi!(
            "EncryptedKeyMaterial has white space or line breaks in its base64: use `openssl base64 -A` or `base64 -w0` to avoid them",
            "EncryptedKeyMaterial 的 base64 中有空白或换行：请用 `openssl base64 -A` 或 `base64 -w0`"
        );
        return cause("base64-line-breaks", text);
    }
    if BASE64_URL_SAFE.decode(text).is_ok() {
        let text = bi!(
            "EncryptedKeyMaterial uses the URL-safe alphabet (- and _ for + and /)",
            "EncryptedKeyMaterial 使用了 URL 安全字母表（以 - 和 _ 代替 + 和 /）"
        );
        return cause("base64-url-safe", text);
    }
    cause("not-base64", bi!("EncryptedKeyMaterial is not base64", "EncryptedKeyMaterial 不是 base64"))
}

/// Explains a refused import, outside the lock for changes.
pub(crate) fn explain(kms: &Kms, call: &Call<'_>, request: &ImportKeyMaterialRequest) -> Vec<Cause> {
    let Ok(own) = kms.with_key(call, &request.key_id, |key| Ok(Known::of(key, call))) else {
        return Vec::new();
    };
    Known { others: kms.handed(&request.key_id), ..own }.causes(request)
}
