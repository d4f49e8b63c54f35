//! Requests and replies of every [`Action`], in the vendor's PascalCase names.
//!
//! Requests refuse unknown members, as the service does (`UnknownParameter`), and leave absent optional ones out.
//! Replies ignore unknown members, because the service sometimes adds some. Secrets are [`Sensitive`](crate::Sensitive).

mod crypto;
mod import;
mod keys;
mod lifecycle;
mod service;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crypto::{
    DecryptReply, DecryptRequest, EncryptReply, EncryptRequest, GenerateDataKeyReply, GenerateDataKeyRequest,
    GenerateRandomReply, GenerateRandomRequest, ReEncryptReply, ReEncryptRequest,
};
pub use import::{
    DeleteImportedKeyMaterialReply, DeleteImportedKeyMaterialRequest, GetParametersForImportReply,
    GetParametersForImportRequest, ImportKeyMaterialReply, ImportKeyMaterialRequest, NEVER, VALID_TO_MAX,
    WRAPPING_KEY_SPEC,
};
pub use keys::{
    CreateKeyReply, CreateKeyRequest, DescribeKeyReply, DescribeKeyRequest, DisableKeyReply,
    DisableKeyRequest, EnableKeyReply, EnableKeyRequest, KEY_TYPE_EXTERNAL, KeyMetadata, KeyState,
    ListKeyDetailReply, ListKeyDetailRequest, MemberAccount, Origin, Tag, TagFilter,
};
pub use lifecycle::*;
pub use service::{
    AlgorithmInfo, GetRegionsReply, GetRegionsRequest, GetServiceStatusReply, GetServiceStatusRequest,
    ListAlgorithmsReply, ListAlgorithmsRequest,
};

use crate::Action;

/// One action's request.
pub trait Request: Serialize + DeserializeOwned {
    /// The action that the request asks for.
    const ACTION: Action;
    /// Every member that the action defines.
    const FIELDS: &'static [FieldSpec];
    /// The reply to a successful request.
    type Reply: Serialize + DeserializeOwned;
}

/// One member of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// The vendor's name.
    pub name: &'static str,
    /// Whether the service requires it.
    pub required: bool,
}

/// A request struct with its [`Request`] implementation: required members first, then optional ones, each with its
/// vendor name, so that struct and [`Request::FIELDS`] cannot drift apart.
macro_rules! request {
    (
        $(#[$meta:meta])*
        $name:ident asks $action:ident gives $reply:ty {
            required { $($(#[$rmeta:meta])* $rwire:literal $rfield:ident: $rty:ty,)* }
            optional { $($(#[$ometa:meta])* $owire:literal $ofield:ident: $oty:ty,)* }
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$rmeta])* #[serde(rename = $rwire)] pub $rfield: $rty,)*
            $(
                $(#[$ometa])*
                #[serde(rename = $owire, default, skip_serializing_if = "Option::is_none")]
                pub $ofield: Option<$oty>,
            )*
        }

        impl $crate::wire::Request for $name {
            const ACTION: $crate::Action = $crate::Action::$action;
            const FIELDS: &'static [$crate::wire::FieldSpec] = &[
                $($crate::wire::FieldSpec { name: $rwire, required: true },)*
                $($crate::wire::FieldSpec { name: $owire, required: false },)*
            ];
            type Reply = $reply;
        }
    };
}
pub(crate) use request;

/// Reply structs for actions that return only the request id.
macro_rules! empty_reply {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ::serde::Serialize, ::serde::Deserialize)]
        pub struct $name {}
    )+};
}
pub(crate) use empty_reply;

#[cfg(test)]
mod tests;
