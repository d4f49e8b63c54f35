//! Refusals about parts of the service that a ceremony does not use, and about the account: data keys, rotation, signing, tags,
//! purchase.
//!
//! They can still occur: for a key that is not what the plan says, or for an account that lacks the service.

use keyferry_core::{Bilingual, bi};

use super::{Translation, administrator, online_operator, say};
use crate::ErrorCode;

pub(super) fn elsewhere(code: &ErrorCode) -> Option<Translation> {
    let text = code.as_str();
    if matches!(code, ErrorCode::NotPurchased) {
        return say(
            bi!("the account has not bought the service in this region", "该账号在此地域未开通 KMS 服务"),
            administrator(),
            bi!(
                "buy or activate KMS in the plan's region, then run the command again",
                "在计划的地域开通 KMS 后重新执行"
            ),
        );
    }
    if matches!(
        code,
        ErrorCode::ResourceInsufficient | ErrorCode::ResourceInUse | ErrorCode::ResourceNotFound
    ) {
        return say(
            bi!(
                "a resource behind the request is missing, in use or used up",
                "请求所需的资源不存在、被占用或已用尽"
            ),
            administrator(),
            bi!(
                "look at the account's resources and quotas in this region, then run the command again",
                "检查该账号在此地域的资源与配额，然后重新执行"
            ),
        );
    }
    if matches!(code, ErrorCode::DryRunOperation) {
        return say(
            bi!("the request was a dry run and would have worked", "该请求为试运行（DryRun），本可成功"),
            online_operator(),
            bi!(
                "nothing was done; find out what between this computer and the service requests dry runs",
                "未做任何操作；查明途中是谁设置了试运行"
            ),
        );
    }
    let part = part_of(text)?;
    let (en, zh) = (part.en, part.zh);
    say(
        bi!("this is about {en}, which a ceremony does not use", "该错误涉及{zh}，密钥仪式并不使用"),
        online_operator(),
        bi!(
            "check that the key id is the one in the plan and that the endpoint is the service's; if both are right, keep the request id and \
             ask the provider",
            "核对密钥 ID 与计划、接入地址是否正确；若均无误，保留 RequestId 并联系服务商"
        ),
    )
}

/// Which part of the service a code is about, if a ceremony does not use it.
fn part_of(text: &str) -> Option<Bilingual> {
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if has(&["DataKey", "InvalidImportKeyMaterial"]) {
        return Some(bi!("data keys kept by the service", "托管的数据密钥"));
    }
    if has(&["Rotat", "NotUserCreatedCmk", "NotRoleOperation"]) {
        return Some(bi!("rotation, or keys that cloud products own", "密钥轮换或云产品所有的密钥"));
    }
    if has(&["SignError", "VerifyError", "DecryptError", "EncryptionError"]) {
        return Some(bi!("signing, or asymmetric encryption", "签名验签或非对称加解密"));
    }
    if has(&["Fingerprints", "KeyLimitExceeded", "KeyDisabled", "KeyPendingDelete"]) && !text.contains("Cmk")
    {
        return Some(bi!("white-box keys", "白盒密钥"));
    }
    if has(&["Tag", "CloudResourceBinding", "HsmCluster"]) {
        return Some(bi!(
            "tags, bindings to cloud products, or exclusive HSM clusters",
            "标签、云产品绑定或独享 HSM 集群"
        ));
    }
    None
}
