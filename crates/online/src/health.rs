//! What a monitor looks for besides expiry: a key that differs from the plan, will be deleted, or was not found at all.

use keyferry_core::{PlanKey, ValidTo, refusals};
use keyferry_service::{KeyState, KeyView};

use crate::error::confirm_error::expiry_text;

refusals! {
    /// Why keys are not healthy.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum HealthError: Refused {
        /// A key of the plan that does not work.
        NotEnabled(state: KeyState) => UNHEALTHY,
            what("the key is {state}, not Enabled: it neither encrypts nor decrypts", "密钥状态为 {state}，而不是 Enabled：无法加密或解密"),
            hint("find out who changed it. PendingImport: import the same material again; Disabled: run `keyferry-online enable`",
                 "请查明是谁改动了它。PendingImport：重新导入同一材料；Disabled：运行 `keyferry-online enable`");
        /// A key that will be deleted.
        PendingDelete(at: String) => UNHEALTHY,
            what("the key will be deleted at {at}; all that was encrypted under it is then lost for good",
                 "该密钥将在 {at} 被删除；届时用它加密的一切数据永久丢失"),
            hint("find out who scheduled this; until then, `keyferry-online cancel-deletion` can cancel it",
                 "请查明是谁安排的；在此之前可用 `keyferry-online cancel-deletion` 撤销");
        /// A key of the plan with a different expiry.
        OtherExpiry {
            /// The service's.
            found: String,
            /// The plan's.
            plan: ValidTo,
        } => UNHEALTHY,
            what("the key's material expires: {found}; the plan says: {plan}", "该密钥的材料过期时间：{found}；计划中是：{plan}"),
            hint("find out who imported it again; to change the expiry, import the same material with the plan's",
                 "请查明是谁重新导入过；若要更改过期时间，请按计划的时间重新导入同一材料");
        /// Fewer keys than a monitor expects.
        TooFew {
            /// How many were found.
            found: usize,
            /// The minimum that was expected.
            wanted: usize,
            /// The number of regions that were asked.
            regions: usize,
        } => TOO_FEW,
            what("{found} external keys were found in {regions} regions; at least {wanted} were expected",
                 "在 {regions} 个地域中找到 {found} 个外部密钥；预期至少 {wanted} 个"),
            hint("check that these credentials belong to the right account and site and may list its keys: run `keyferry-online check-access`",
                 "凭证是否属于正确的账号与网站，是否有权列出密钥？可用 `keyferry-online check-access` 确认");
    }
}

/// Whether a key is going to be deleted.
///
/// # Errors
/// [`HealthError::PendingDelete`].
pub(crate) fn check_kept(found: &KeyView) -> Result<(), HealthError> {
    if found.state != KeyState::PendingDelete {
        return Ok(());
    }
    let at = found.deletion_date.map_or_else(|| "?".to_owned(), expiry_text);
    Err(HealthError::PendingDelete(at))
}

/// Whether a key works, and expires when the plan says. A scheduled deletion is checked separately.
///
/// # Errors
/// [`HealthError::NotEnabled`] or [`HealthError::OtherExpiry`].
pub(crate) fn check_as_planned(key: &PlanKey, found: &KeyView) -> Result<(), HealthError> {
    if found.state == KeyState::PendingDelete {
        return Ok(());
    }
    if found.state != KeyState::Enabled {
        return Err(HealthError::NotEnabled(found.state));
    }
    let valid_to = found.valid_to;
    if valid_to == key.valid_to.api_seconds() {
        return Ok(());
    }
    Err(HealthError::OtherExpiry { found: expiry_text(valid_to), plan: key.valid_to })
}
