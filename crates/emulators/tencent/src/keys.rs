//! Creating, describing, listing, enabling and disabling keys: `ceremony/spec/tencent-kms.md` §5.1, §5.10 and §6.2.

use std::collections::BTreeSet;

use keyferry_core::{Provider, bi};
use keyferry_tencent::Edition;
use keyferry_tencent::ErrorCode;
use keyferry_tencent::wire::{
    AlgorithmInfo, CreateKeyReply, CreateKeyRequest, DescribeKeyReply, DescribeKeyRequest, DisableKeyReply,
    DisableKeyRequest, EnableKeyReply, EnableKeyRequest, GetRegionsReply, GetRegionsRequest,
    GetServiceStatusReply, GetServiceStatusRequest, KEY_TYPE_EXTERNAL, KeyState, ListAlgorithmsReply,
    ListAlgorithmsRequest, ListKeyDetailReply, ListKeyDetailRequest, ListKeysReply, ListKeysRequest,
    ListedKey, Origin, Tag, TagFilter,
};

use crate::key::{Key, USAGE};
use crate::refusal::Refusal;
use crate::region::Page;
use crate::rules;
use crate::state::{Call, Kms};

/// Usages that the vendor documents besides [`USAGE`], and their algorithms. The name of the 384-bit curve is a guess:
/// `ceremony/spec/tencent-kms.md` §4.3.
const OTHER_USAGES: [(&str, &str); 6] = [
    ("ASYMMETRIC_DECRYPT_RSA_2048", "RSA_2048"),
    ("ASYMMETRIC_DECRYPT_SM2", "SM2"),
    ("ASYMMETRIC_SIGN_VERIFY_SM2", "SM2"),
    ("ASYMMETRIC_SIGN_VERIFY_ECC", "ECC_P256_R1"),
    ("ASYMMETRIC_SIGN_VERIFY_RSA_2048", "RSA_2048"),
    ("ASYMMETRIC_SIGN_VERIFY_ECDSA384", "ECC_P384_R1"),
];

pub(crate) fn create(
    kms: &Kms,
    call: &Call<'_>,
    request: CreateKeyRequest,
) -> Result<CreateKeyReply, Refusal> {
    let edition = kms.edition(call.region);
    let origin = check(&request, edition)?;
    let usage = request.key_usage.unwrap_or_else(|| USAGE.to_owned());
    let (state, material) = match origin {
        Origin::External => (KeyState::PendingImport, None),
        _ if usage != USAGE => (KeyState::Enabled, None),
        _ => (KeyState::Enabled, Some(kms.random.bytes(edition.material().bytes())?)),
    };
    let key = Key {
        id: kms.new_key_id(call.now),
        alias: request.alias,
        description: request.description.unwrap_or_default(),
        created: call.now,
        origin,
        edition,
        usage,
        state,
        material,
        tags: request.tags.unwrap_or_default(),
        rotation: false,
        deletion: None,
        valid_to: None,
        binding: None,
        parameters: None,
        imports: 0,
        earlier: Vec::new(),
        fetches: 0,
    };
    let metadata = key.metadata();
    kms.change(call, |region| {
        region.has_room(&key, call.now)?;
        Ok((vec![key], ()))
    })?;
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

/// Checks the rules for a new key; returns its origin if they hold.
fn check(request: &CreateKeyRequest, edition: Edition) -> Result<Origin, Refusal> {
    rules::alias(&request.alias)?;
    rules::description(request.description.as_deref().unwrap_or_default())?;
    let usage = request.key_usage.as_deref().unwrap_or(USAGE);
    check_usage(usage, edition)?;
    if request.hsm_cluster_id.as_deref().is_some_and(|id| !id.is_empty()) {
        return Err(Refusal::new(
            ErrorCode::InvalidHsmClusterId,
            bi!("The HsmClusterId is not valid.", "HsmClusterId 无效。"),
        ));
    }
    let tags = request.tags.as_deref().unwrap_or_default();
    if tags.iter().map(|tag| &tag.tag_key).collect::<BTreeSet<_>>().len() != tags.len() {
        return Err(Refusal::new(
            ErrorCode::TagKeysDuplicated,
            bi!("A tag key appears twice.", "标签键重复。"),
        ));
    }
    match request.key_type {
        None | Some(1) => Ok(Origin::TencentKms),
        Some(KEY_TYPE_EXTERNAL) if usage == USAGE => Ok(Origin::External),
        Some(KEY_TYPE_EXTERNAL) => Err(Refusal::new(
            ErrorCode::InvalidKeyUsage,
            bi!("An external CMK is for ENCRYPT_DECRYPT.", "外部密钥的 KeyUsage 只能是 ENCRYPT_DECRYPT。"),
        )),
        Some(_) => Err(Refusal::new(
            ErrorCode::InvalidType,
            bi!("The Type must be 1 or 2.", "Type 取值必须为 1 或 2。"),
        )),
    }
}

/// FIPS regions do not offer the 国密 algorithms. This is inferred: `ceremony/spec/tencent-kms.md` §4.3.
fn check_usage(usage: &str, edition: Edition) -> Result<(), Refusal> {
    if usage == USAGE || OTHER_USAGES.iter().any(|(other, _)| *other == usage && offered(usage, edition)) {
        return Ok(());
    }
    if OTHER_USAGES.iter().any(|(other, _)| *other == usage) {
        return Err(Refusal::new(
            ErrorCode::UnsupportedKeyUsageInCurrentRegion,
            bi!("This region does not support the KeyUsage.", "当前地域不支持该 KeyUsage。"),
        ));
    }
    Err(Refusal::new(ErrorCode::InvalidKeyUsage, bi!("The KeyUsage is invalid.", "KeyUsage 无效。")))
}

fn offered(usage: &str, edition: Edition) -> bool {
    edition == Edition::Sm || !usage.ends_with("SM2")
}

pub(crate) fn describe(
    kms: &Kms,
    call: &Call<'_>,
    request: DescribeKeyRequest,
) -> Result<DescribeKeyReply, Refusal> {
    kms.with_key(call, &request.key_id, |key| Ok(DescribeKeyReply { key_metadata: key.metadata() }))
}

/// Enabled → Enabled is not an error, because a repeated call should be harmless.
pub(crate) fn enable(
    kms: &Kms,
    call: &Call<'_>,
    request: EnableKeyRequest,
) -> Result<EnableKeyReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| switch(key, KeyState::Enabled)).map(|()| EnableKeyReply {})
}

/// Disabled → Disabled is not an error either.
pub(crate) fn disable(
    kms: &Kms,
    call: &Call<'_>,
    request: DisableKeyRequest,
) -> Result<DisableKeyReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| switch(key, KeyState::Disabled)).map(|()| DisableKeyReply {})
}

pub(crate) fn switch(key: &mut Key, to: KeyState) -> Result<(), Refusal> {
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
    let page = Page { oldest_first, offset: request.offset.unwrap_or(0), limit };
    let (total_count, key_metadatas) =
        kms.with_region(call, |region| Ok(region.page(&page, |key| filter.takes(key), Key::metadata)))?;
    Ok(ListKeyDetailReply { total_count, key_metadatas })
}

/// The filters of `ListKeyDetail`. All keys here are user-made.
struct Filter<'a> {
    none: bool,
    /// `None` for all.
    usage: Option<&'a str>,
    state: Option<KeyState>,
    origin: Option<Origin>,
    search: &'a str,
    tags: &'a [TagFilter],
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
        let usage = match request.key_usage.as_deref().unwrap_or_default() {
            "" => Some(USAGE),
            "ALL" => None,
            other if other == USAGE || OTHER_USAGES.iter().any(|(usage, _)| *usage == other) => Some(other),
            _ => return Err(Refusal::invalid("KeyUsage")),
        };
        let role_fits = match request.role.unwrap_or(0) {
            0 => true,
            1 => false,
            _ => return Err(Refusal::invalid("Role")),
        };
        let clustered = request.hsm_cluster_id.as_deref().is_some_and(|id| !id.is_empty());
        let none = !role_fits || clustered;
        let search = request.search_key_alias.as_deref().unwrap_or_default();
        Ok(Self {
            none,
            usage,
            state,
            origin,
            search,
            tags: request.tag_filters.as_deref().unwrap_or_default(),
        })
    }

    fn takes(&self, key: &Key) -> bool {
        !self.none
            && self.usage.is_none_or(|usage| usage == key.usage)
            && self.state.is_none_or(|state| state == key.state)
            && self.origin.is_none_or(|origin| origin == key.origin)
            && (key.alias.contains(self.search) || key.id.contains(self.search))
            && self.tags.iter().all(|filter| key.tags.iter().any(|tag| has(filter, tag)))
    }
}

fn has(filter: &TagFilter, tag: &Tag) -> bool {
    tag.tag_key == filter.tag_key
        && filter.tag_value.as_ref().is_none_or(|values| values.is_empty() || values.contains(&tag.tag_value))
}

/// Keys in PendingDelete and Archived are left out.
pub(crate) fn list_ids(
    kms: &Kms,
    call: &Call<'_>,
    request: ListKeysRequest,
) -> Result<ListKeysReply, Refusal> {
    let wanted = ListKeyDetailRequest {
        role: request.role,
        key_usage: Some("ALL".to_owned()),
        hsm_cluster_id: request.hsm_cluster_id,
        ..ListKeyDetailRequest::default()
    };
    let filter = Filter::new(&wanted)?;
    let listed = |key: &Key| {
        matches!(key.state, KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport)
            && filter.takes(key)
    };
    let limit = request.limit.unwrap_or(10);
    if limit > 200 {
        return Err(Refusal::invalid("Limit"));
    }
    let page = Page { oldest_first: false, offset: request.offset.unwrap_or(0), limit };
    let named = |key: &Key| ListedKey { key_id: key.id.clone() };
    let (total_count, keys) = kms.with_region(call, |region| Ok(region.page(&page, listed, named)))?;
    Ok(ListKeysReply { keys, total_count })
}

pub(crate) fn algorithms(
    kms: &Kms,
    call: &Call<'_>,
    _: ListAlgorithmsRequest,
) -> Result<ListAlgorithmsReply, Refusal> {
    let edition = kms.edition(call.region);
    let info = |(usage, algorithm): &(&str, &str)| AlgorithmInfo {
        key_usage: (*usage).to_owned(),
        algorithm: (*algorithm).to_owned(),
    };
    let of_kind = |kind: &str| {
        let fits = |(usage, _): &&(&str, &str)| usage.starts_with(kind) && offered(usage, edition);
        OTHER_USAGES.iter().filter(fits).map(info).collect()
    };
    let symmetric = if edition == Edition::Sm { "SM4" } else { "AES_256" };
    Ok(ListAlgorithmsReply {
        symmetric_algorithms: vec![info(&(USAGE, symmetric))],
        asymmetric_algorithms: of_kind("ASYMMETRIC_DECRYPT"),
        asymmetric_sign_verify_algorithms: of_kind("ASYMMETRIC_SIGN_VERIFY"),
    })
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

/// The provider's known regions, and those of the configuration.
pub(crate) fn regions(kms: &Kms, _: &Call<'_>, _: GetRegionsRequest) -> Result<GetRegionsReply, Refusal> {
    let names: BTreeSet<&str> = known_regions(kms).collect();
    Ok(GetRegionsReply { regions: names.into_iter().map(str::to_owned).collect() })
}

fn known_regions(kms: &Kms) -> impl Iterator<Item = &str> {
    let configured = kms.editions.keys().map(String::as_str);
    Provider::TENCENT.facts().regions.known.iter().copied().chain(configured)
}

/// Accepts only a region that [`regions`] names, so that a client that asks all of them finds every key.
pub(crate) fn region(kms: &Kms, name: &str) -> Result<(), Refusal> {
    if known_regions(kms).any(|known| known == name) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::UnsupportedRegion,
        bi!(
            "The region {name} is not one that GetRegions names; the emulator's --region-edition adds one.",
            "地域 {name} 不在 GetRegions 所列之中；可用模拟器的 --region-edition 添加。"
        ),
    ))
}
