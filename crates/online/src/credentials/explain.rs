//! What is said when there are no credentials to use; never a value of one.

use std::path::PathBuf;

use keyferry_core::{Bilingual, bi, refusals};

use super::{Fault, RoleFault};

refusals! {
    /// Why no credentials are there. Never holds a value.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum CredentialsError: Refused {
        /// None anywhere.
        Missing {
            /// The files that were looked for.
            looked: Vec<PathBuf>,
        } => CRED_MISSING,
            what("no credentials: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set, and none of these \
                  files is there: {files}",
                 "没有找到凭证：未设置 TENCENTCLOUD_SECRET_ID 与 TENCENTCLOUD_SECRET_KEY，以下文件也都不存在：{files}", files = list(looked)),
            hint("set both variables in this shell, or put the credentials into one of the files, mode 0600; \
                  they are never given as arguments",
                 "请在当前 shell 中设置这两个变量，或将凭证写入上述文件之一（权限 0600）；凭证从不作为命令行参数");
        /// Something is wrong with a part.
        Malformed {
            /// The environment, or a file.
            source: String,
            /// The part's name there.
            part: &'static str,
            /// What is wrong with it.
            fault: Fault,
        } => CRED_MALFORMED,
            what("credentials from {source}: {part} {wrong}", "来自 {source} 的凭证：{part} {wrong}", both wrong = fault.words()),
            hint("copy the credentials again, whole and without spaces; unset the variables to use a file instead",
                 "请重新复制完整且不带空格的凭证；若要使用文件，请取消设置这些变量");
        /// A file that others can read.
        Exposed(p: PathBuf) => CRED_EXPOSED,
            what("the credential file {} can be read by others than its owner",
                 "凭证文件 {} 可被所有者以外的人读取", p.display()),
            hint("run `chmod 600 {0}`; if others use this computer, issue fresh credentials too",
                 "请运行 `chmod 600 {0}`；若有他人使用本机，请同时更换凭证", p.display());
        /// A role or profile that gives nothing to sign with.
        Role(fault: RoleFault) => CRED_ROLE,
            what(fault.words()),
            hint("fetch temporary credentials with the vendor's tools and set TENCENTCLOUD_SECRET_ID, _SECRET_KEY and _TOKEN; \
                  for --instance-role, run this on an instance that has the role",
                 "请用官方工具获取临时凭证并设置 TENCENTCLOUD_SECRET_ID、_SECRET_KEY 与 _TOKEN；\
                  若用 --instance-role，请在绑定了该角色的云服务器上运行");
    }
}

fn list(files: &[PathBuf]) -> String {
    let files: Vec<String> = files.iter().map(|p| p.display().to_string()).collect();
    files.join(", ")
}

impl RoleFault {
    fn words(self) -> Bilingual {
        match self {
            Self::Name => bi!("this is no name of a profile or role", "这不是有效的配置名或角色名"),
            Self::Silent => bi!("the instance's metadata service does not answer", "实例元数据服务没有应答"),
            Self::None => bi!("this instance has no such role", "该实例没有绑定此角色"),
            Self::Form => bi!("the metadata service's answer is malformed", "元数据服务的应答格式有误"),
            Self::Stale => bi!("the role's credentials end within five minutes", "角色凭证将在五分钟内失效"),
            Self::Kind => bi!(
                "the profile or file holds no pair of its own: it would have a role assumed (role-arn) or an instance asked \
                 (cvm-role)",
                "该配置本身不含可直接使用的凭证：需要扮演角色（role-arn）或查询实例（cvm-role）"
            ),
        }
    }
}

impl Fault {
    fn words(self) -> Bilingual {
        match self {
            Self::Missing => bi!("is missing", "缺失"),
            Self::Blank => bi!("is blank", "为空"),
            Self::Padded => bi!("has white space around it", "前后有空白字符"),
            Self::Characters => {
                bi!("is too long or has characters that no credential has", "过长或含有不可能的字符")
            }
            Self::Format => {
                bi!("is not of the vendor's format, or has no [default]", "不符合官方格式，或缺少 [default]")
            }
        }
    }
}
