//! Names of one real provider, for examples in texts and for the plans of unit tests, so that only this folder spells them.

/// One name, as a literal that `concat!` takes.
macro_rules! sample {
    (provider) => {
        "tencent"
    };
    (host) => {
        "tencentcloudapi.com"
    };
    (region) => {
        "ap-singapore"
    };
    (other_region) => {
        "ap-guangzhou"
    };
    (kind) => {
        "fips"
    };
}
pub(crate) use sample;

/// Where that provider's service answers.
#[cfg(test)]
pub(crate) const ENDPOINT: &str = concat!("https://kms.", sample!(host));
