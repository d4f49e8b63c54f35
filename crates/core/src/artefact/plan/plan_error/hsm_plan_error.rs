//! The requirements of a plan that an HSM cannot meet.

use crate::{Alias, refusals};

refusals! {
    /// A requirement that an HSM, or a station without one, cannot meet.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum HsmPlanError: Refused {
        /// The plan asks for shares, which need the bytes of the material, but only the HSM ever has them.
        Shares => PLAN_FIELD,
            what("the plan has an HSM make the material and also asks for shares of it, but only the HSM ever holds the material",
                 "计划规定由 HSM 生成材料并制作分片；但除 HSM 外没有任何程序持有该材料"),
            hint("choose `scheme = \"none\"` with a reason that names the HSM's own backup, and have the plan reviewed again",
                 "请选择 `scheme = \"none\"` 并在理由中写明 HSM 自身的备份方式，然后重新审阅计划");
        /// An HSM cannot compute a check value with SM4.
        CheckValue(alias: Alias) => PLAN_FIELD,
            what("key {alias} takes SM4 material, but an HSM cannot compute an SM4 check value over PKCS#11",
                 "密钥 {alias} 接受 SM4 密钥，而 HSM 无法通过 PKCS#11 计算 SM4 校验值"),
            hint("write `kcv = \"none\"` into the plan and have it reviewed again, or hold a ceremony with keyferry-offline",
                 "请在计划中写 `kcv = \"none\"` 并重新审阅，或用 keyferry-offline 举行仪式");
        /// An HSM makes only cipher keys.
        Kind(alias: Alias) => PLAN_FIELD,
            what("key {alias} takes HMAC material, but the plan takes it from an HSM, which makes only cipher keys",
                 "密钥 {alias} 接受 HMAC 的材料，而计划规定由 HSM 生成"),
            hint("hold a separate ceremony for this key, with keyferry-offline", "请用 keyferry-offline 为该密钥单独举行仪式");
        /// The plan takes the material from an HSM.
        Elsewhere => PLAN_FIELD,
            what("the plan takes the material from an HSM, but this program makes its own material",
                 "计划规定密钥材料由硬件安全模块（HSM）生成；本程序只使用自己生成的材料"),
            hint("if this station is to make the material, remove [hsm] from the plan and have it reviewed again; nothing \
                  was generated",
                 "若材料应由本工作站生成，请从计划中去掉 [hsm] 并重新审阅；尚未生成任何密钥材料");
    }
}
