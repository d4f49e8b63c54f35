//! Words that only a vendor has. The one list: `cargo xtask house` reads it, and so do core's and online's own tests.

/// In small letters: names, hosts, signatures, actions, codes, tools, and what a console calls things. `ureq` speaks HTTP, which is a
/// provider's business alone.
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

/// Such words that are a part of others: they count where no letter is next to them.
const WHOLE: [&str; 1] = ["aws"];

/// The words of vendors that a text has.
pub(crate) fn vendors_words(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let part = WORDS.into_iter().filter(|word| text.contains(word));
    let is_whole = |word: &&str| text.split(|c: char| !c.is_alphabetic()).any(|other| other == *word);
    part.chain(WHOLE.into_iter().filter(is_whole)).collect()
}
