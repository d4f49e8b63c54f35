//! Names of one real provider, for examples in texts and for the plans of unit tests. No other folder spells them out.

/// One name, as a literal for `concat!`.
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

/// The endpoint of that provider's service.
#[cfg(test)]
pub(crate) const ENDPOINT: &str = concat!("https://kms.", sample!(host));
