//! Requests about the service itself: `ceremony/spec/tencent-kms.md` §6.5.

use serde::{Deserialize, Serialize};

use super::request;

request! {
    /// Asks whether the service is purchased and running.
    #[derive(Default)]
    GetServiceStatusRequest asks GetServiceStatus gives GetServiceStatusReply {
        required {}
        optional {}
    }
}

/// The state of the service for this account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetServiceStatusReply {
    /// Whether calls are served.
    pub service_enabled: bool,
    /// 0 not purchased, 1 normal, 2 suspended, 3 released.
    #[serde(default)]
    pub invalid_type: i64,
    /// 0 ordinary, 1 flagship.
    #[serde(default)]
    pub user_level: u64,
    /// Unix seconds.
    #[serde(default)]
    pub pro_expire_time: u64,
    /// Whether it renews automatically.
    #[serde(default)]
    pub pro_renew_flag: u64,
    /// Id of the purchase.
    #[serde(default)]
    pub pro_resource_id: String,
    /// Whether a managed HSM is activated.
    #[serde(rename = "ExclusiveVSMEnabled", default)]
    pub exclusive_vsm_enabled: bool,
    /// Whether an exclusive HSM is activated.
    #[serde(rename = "ExclusiveHSMEnabled", default)]
    pub exclusive_hsm_enabled: bool,
    /// Details of the purchase.
    #[serde(default)]
    pub subscription_info: String,
}

request! {
    /// Asks for the service's regions.
    #[derive(Default)]
    GetRegionsRequest asks GetRegions gives GetRegionsReply {
        required {}
        optional {}
    }
}

/// The service's regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRegionsReply {
    /// Names such as `ap-guangzhou`.
    pub regions: Vec<String>,
}

request! {
    /// Asks which algorithms the region's service supports.
    #[derive(Default)]
    ListAlgorithmsRequest asks ListAlgorithms gives ListAlgorithmsReply {
        required {}
        optional {}
    }
}

/// The algorithms that the region's service supports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAlgorithmsReply {
    /// For `Encrypt` and `Decrypt`.
    pub symmetric_algorithms: Vec<AlgorithmInfo>,
    /// For asymmetric decryption.
    pub asymmetric_algorithms: Vec<AlgorithmInfo>,
    /// For signatures.
    pub asymmetric_sign_verify_algorithms: Vec<AlgorithmInfo>,
}

/// One usage and its algorithm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AlgorithmInfo {
    /// As in `CreateKey`.
    pub key_usage: String,
    /// Its name.
    pub algorithm: String,
}
