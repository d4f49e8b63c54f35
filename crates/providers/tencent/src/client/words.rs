//! The online station's texts about this provider before there is a client: where credentials come from.

/// What `--profile` names; English and 简体中文.
pub const PROFILE: [&str; 2] = [
    "Take credentials from this profile of the vendor's tccli; the environment is then ignored",
    "从厂商 tccli 的此配置取凭证；此时不看环境变量",
];

/// Where credentials come from, in English (`en`) or 简体中文 (`zh`): a literal, so that the help page can be built from it.
#[macro_export]
macro_rules! credentials_come_from {
    (en) => {
        "Credentials come from TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and TENCENTCLOUD_TOKEN, else from \
         ~/.tencentcloud/credentials, /etc/tencentcloud/credentials or ~/.tccli/default.credential."
    };
    (zh) => {
        "凭证取自 TENCENTCLOUD_SECRET_ID、TENCENTCLOUD_SECRET_KEY 与 TENCENTCLOUD_TOKEN，否则取自 ~/.tencentcloud/credentials、\
         /etc/tencentcloud/credentials 或 ~/.tccli/default.credential"
    };
}
