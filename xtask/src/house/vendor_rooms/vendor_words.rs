//! Words that only a vendor uses. This is the only list: `cargo xtask house` reads it, and so do core's and online's own tests.

/// In lower case: names, hosts, signatures, actions, codes, tools, and a console's terms. `ureq` speaks HTTP, which only a provider's
/// crate needs.
const WORDS: [&str; 20] = [
    "tencent",
    "qcloud",
    "腾讯",
    "tc3",
    "tccli",
    "cloudaudit",
    "secretid",
    "secret_id",
    "secretkey",
    "getparametersforimport",
    "importkeymaterial",
    "describekey",
    "listkeydetail",
    "camnoauth",
    "ap-guangzhou",
    "ap-beijing",
    "cmk",
    "alibaba",
    "azure",
    "ureq",
];

/// Vendor words that are part of ordinary words: they count only if no letter is next to them.
const WHOLE: [&str; 1] = ["aws"];

/// The vendor words in a text.
pub(crate) fn vendors_words(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let part = WORDS.into_iter().filter(|word| text.contains(word));
    let is_whole = |word: &&str| text.split(|c: char| !c.is_alphabetic()).any(|other| other == *word);
    part.chain(WHOLE.into_iter().filter(is_whole)).collect()
}
