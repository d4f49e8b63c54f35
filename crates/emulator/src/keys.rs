//! Making, describing, listing and switching keys (fact sheet §5 and §6).

use std::collections::BTreeSet;

use keyferry_core::bi;
use keyferry_kms_api::ErrorCode;
use keyferry_kms_api::wire::{
    CreateKeyReply, CreateKeyRequest, DescribeKeyReply, DescribeKeyRequest, DisableKeyReply,
    DisableKeyRequest, EnableKeyReply, EnableKeyRequest, GetRegionsReply, GetRegionsRequest,
    GetServiceStatusReply, GetServiceStatusRequest, KEY_TYPE_EXTERNAL, KeyMetadata, KeyState,
    ListKeyDetailReply, ListKeyDetailRequest, Origin,
};

use crate::key::{Key, USAGE};
use crate::refusal::Refusal;
use crate::rules;
use crate::state::{Call, Kms};

/// Usages that the vendor documents besides [`USAGE`].
const OTHER_USAGES: [&str; 6] = [
    "ASYMMETRIC_DECRYPT_RSA_2048",
    "ASYMMETRIC_DECRYPT_SM2",
    "ASYMMETRIC_SIGN_VERIFY_SM2",
    "ASYMMETRIC_SIGN_VERIFY_ECC",
    "ASYMMETRIC_SIGN_VERIFY_RSA_2048",
    "ASYMMETRIC_SIGN_VERIFY_ECDSA384",
];

/// Regions that `GetRegions` names, besides those of the configuration.
const REGIONS: [&str; 10] = [
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-guangzhou",
    "ap-hongkong",
    "ap-nanjing",
    "ap-shanghai",
    "ap-singapore",
    "eu-frankfurt",
    "na-siliconvalley",
];

pub(crate) fn create(
    kms: &Kms,
    call: &Call<'_>,
    request: CreateKeyRequest,
) -> Result<CreateKeyReply, Refusal> {
    let origin = check(&request)?;
    let edition = kms.edition(call.region);
    let (state, material) = match origin {
        Origin::External => (KeyState::PendingImport, None),
        _ => (KeyState::Enabled, Some(kms.random.bytes(edition.material().bytes())?)),
    };
    let key = Key {
        id: kms.new_key_id(call.now),
        alias: request.alias,
        description: request.description.unwrap_or_default(),
        created: call.now,
        origin,
        edition,
        state,
        material,
        tags: request.tags.unwrap_or_default(),
        rotation: false,
        deletion: None,
        valid_to: None,
        binding: None,
        parameters: None,
        imports: 0,
        fetches: 0,
    };
    let metadata = kms.with_region(call, |region| region.add(key).map(Key::metadata))?;
    call.note_key(&metadata.key_id);
    Ok(CreateKeyReply {
        key_id: metadata.key_id,
        alias: metadata.alias,
        create_time: metadata.create_time,
        description: metadata.description,
        key_state: metadata.key_state,
        key_usage: metadata.key_usage,
        tag_code: 0,
        tag_msg: String::new(),
        hsm_cluster_id: String::new(),
    })
}

/// The rules on a new key; its origin when they hold.
fn check(request: &CreateKeyRequest) -> Result<Origin, Refusal> {
    rules::alias(&request.alias)?;
    rules::description(request.description.as_deref().unwrap_or_default())?;
    check_usage(request.key_usage.as_deref().unwrap_or(USAGE))?;
    if request.hsm_cluster_id.as_deref().is_some_and(|id| !id.is_empty()) {
        return Err(Refusal::new(
            ErrorCode::InvalidHsmClusterId,
            bi!("There is no such HSM cluster.", "HsmClusterId 无效。"),
        ));
    }
    let tags = request.tags.as_deref().unwrap_or_default();
    if tags.iter().map(|tag| &tag.tag_key).collect::<BTreeSet<_>>().len() != tags.len() {
        return Err(Refusal::new(
            ErrorCode::TagKeysDuplicated,
            bi!("A tag key stands twice.", "标签键重复。"),
        ));
    }
    match request.key_type {
        None | Some(1) => Ok(Origin::TencentKms),
        Some(KEY_TYPE_EXTERNAL) => Ok(Origin::External),
        Some(_) => Err(Refusal::new(
            ErrorCode::InvalidType,
            bi!("The Type must be 1 or 2.", "Type 取值必须为 1 或 2。"),
        )),
    }
}

fn check_usage(usage: &str) -> Result<(), Refusal> {
    match usage {
        USAGE => Ok(()),
        other if OTHER_USAGES.contains(&other) => Err(Refusal::new(
            ErrorCode::UnsupportedKeyUsageInCurrentRegion,
            bi!(
                "The emulator makes keys for ENCRYPT_DECRYPT only.",
                "本模拟器仅支持 ENCRYPT_DECRYPT 用途的密钥。"
            ),
        )),
        _ => {
            Err(Refusal::new(ErrorCode::InvalidKeyUsage, bi!("The KeyUsage is invalid.", "KeyUsage 无效。")))
        }
    }
}

pub(crate) fn describe(
    kms: &Kms,
    call: &Call<'_>,
    request: DescribeKeyRequest,
) -> Result<DescribeKeyReply, Refusal> {
    kms.with_key(call, &request.key_id, |key| Ok(DescribeKeyReply { key_metadata: key.metadata() }))
}

/// Enabled → Enabled is no error, as a repeated call should be harmless.
pub(crate) fn enable(
    kms: &Kms,
    call: &Call<'_>,
    request: EnableKeyRequest,
) -> Result<EnableKeyReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| switch(key, KeyState::Enabled)).map(|()| EnableKeyReply {})
}

/// Disabled → Disabled is no error either.
pub(crate) fn disable(
    kms: &Kms,
    call: &Call<'_>,
    request: DisableKeyRequest,
) -> Result<DisableKeyReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| switch(key, KeyState::Disabled)).map(|()| DisableKeyReply {})
}

fn switch(key: &mut Key, to: KeyState) -> Result<(), Refusal> {
    match key.state {
        KeyState::Enabled | KeyState::Disabled => {
            key.state = to;
            Ok(())
        }
        other => Err(Refusal::state(other)),
    }
}

pub(crate) fn list(
    kms: &Kms,
    call: &Call<'_>,
    request: ListKeyDetailRequest,
) -> Result<ListKeyDetailReply, Refusal> {
    let limit = request.limit.unwrap_or(10);
    let oldest_first = match request.order_type.unwrap_or(0) {
        0 => false,
        1 => true,
        _ => return Err(Refusal::invalid("OrderType")),
    };
    if limit > 200 {
        return Err(Refusal::invalid("Limit"));
    }
    let filter = Filter::new(&request)?;
    let mut found: Vec<KeyMetadata> = kms.with_region(call, |region| {
        Ok(region.keys().map(Key::metadata).filter(|key| filter.takes(key)).collect())
    })?;
    // Ids break ties and grow with time, since their ticks do.
    found.sort_by(|a, b| (a.create_time, &a.key_id).cmp(&(b.create_time, &b.key_id)));
    if !oldest_first {
        found.reverse();
    }
    let total_count = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let skip = usize::try_from(request.offset.unwrap_or(0)).unwrap_or(usize::MAX);
    let take = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(ListKeyDetailReply { total_count, key_metadatas: found.into_iter().skip(skip).take(take).collect() })
}

/// The filters of `ListKeyDetail`. All keys here are user-made, untagged and for [`USAGE`].
struct Filter<'a> {
    none: bool,
    state: Option<KeyState>,
    origin: Option<Origin>,
    search: &'a str,
}

impl<'a> Filter<'a> {
    fn new(request: &'a ListKeyDetailRequest) -> Result<Self, Refusal> {
        let state = match request.key_state.unwrap_or(0) {
            0 => None,
            1 => Some(KeyState::Enabled),
            2 => Some(KeyState::Disabled),
            3 => Some(KeyState::PendingDelete),
            4 => Some(KeyState::PendingImport),
            5 => Some(KeyState::Archived),
            _ => return Err(Refusal::invalid("KeyState")),
        };
        let origin = match request.origin.as_deref().unwrap_or_default() {
            "" | "ALL" => None,
            "TENCENT_KMS" => Some(Origin::TencentKms),
            "EXTERNAL" => Some(Origin::External),
            _ => return Err(Refusal::invalid("Origin")),
        };
        let usage_fits = match request.key_usage.as_deref().unwrap_or_default() {
            "" | "ALL" | USAGE => true,
            other if OTHER_USAGES.contains(&other) => false,
            _ => return Err(Refusal::invalid("KeyUsage")),
        };
        let role_fits = match request.role.unwrap_or(0) {
            0 => true,
            1 => false,
            _ => return Err(Refusal::invalid("Role")),
        };
        let tagged = request.tag_filters.as_ref().is_some_and(|filters| !filters.is_empty());
        let clustered = request.hsm_cluster_id.as_deref().is_some_and(|id| !id.is_empty());
        let none = !usage_fits || !role_fits || tagged || clustered;
        Ok(Self { none, state, origin, search: request.search_key_alias.as_deref().unwrap_or_default() })
    }

    fn takes(&self, key: &KeyMetadata) -> bool {
        !self.none
            && self.state.is_none_or(|state| state == key.key_state)
            && self.origin.is_none_or(|origin| Some(origin) == key.origin)
            && (key.alias.contains(self.search) || key.key_id.contains(self.search))
    }
}

pub(crate) fn status(
    _: &Kms,
    _: &Call<'_>,
    _: GetServiceStatusRequest,
) -> Result<GetServiceStatusReply, Refusal> {
    Ok(GetServiceStatusReply {
        service_enabled: true,
        invalid_type: 1,
        user_level: 1,
        pro_expire_time: 0,
        pro_renew_flag: 0,
        pro_resource_id: String::new(),
        exclusive_vsm_enabled: false,
        exclusive_hsm_enabled: false,
        subscription_info: String::new(),
    })
}

pub(crate) fn regions(kms: &Kms, _: &Call<'_>, _: GetRegionsRequest) -> Result<GetRegionsReply, Refusal> {
    let configured = kms.editions.keys().map(String::as_str);
    let names: BTreeSet<&str> = REGIONS.into_iter().chain(configured).collect();
    Ok(GetRegionsReply { regions: names.into_iter().map(str::to_owned).collect() })
}
