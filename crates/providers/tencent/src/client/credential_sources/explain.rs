//! The texts for missing or invalid credentials; never a credential's value.

use std::path::PathBuf;

use keyferry_core::encoding::Encoding;
use keyferry_core::{Bilingual, Span, Timestamp, bi, refusals};

use super::{Fault, RoleFault, Source};

refusals! {
    /// Why there are no usable credentials. Never contains a credential's value.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum CredentialsError: Refused {
        /// No credentials anywhere.
        Missing {
            /// The files that were searched.
            looked: Vec<PathBuf>,
        } => CRED_MISSING,
            what("no credentials: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set, and none of these \
                  files exists: {files}",
                 "没有找到凭证：未设置 TENCENTCLOUD_SECRET_ID 与 TENCENTCLOUD_SECRET_KEY，以下文件也都不存在：{files}", files = list(looked)),
            hint("set both variables in this shell, or put the credentials into one of the files, mode 0600; \
                  they are never given as arguments",
                 "请在当前 shell 中设置这两个变量，或将凭证写入上述文件之一（权限 0600）；凭证从不作为命令行参数");
        /// Something is wrong with a part.
        Malformed {
            /// Where it is.
            source: Source,
            /// The part's name there.
            part: &'static str,
            /// What is wrong with it.
            fault: Fault,
        } => CRED_MALFORMED,
            what("credentials from {from}: {part} {wrong}", "来自{from}的凭证：{part} {wrong}",
                 both from = source.words(), wrong = fault.words()),
            hint("copy the credentials again, whole and without spaces; unset the variables to use a file instead",
                 "请重新复制完整且不带空格的凭证；若要使用文件，请取消设置这些变量");
        /// A file that an editor saved in another encoding.
        Encoded(path: PathBuf, found: Encoding) => CRED_MALFORMED,
            what("the credential file {path} is saved as {name}", "凭证文件 {path} 的编码是{name}",
                 both name = found.name(); path = path.display()),
            hint(Encoding::hint());
        /// The session token is in a variable that other tools read.
        ForeignToken(name: &'static str) => CRED_MALFORMED,
            what("{name} is set, but the session token is read from TENCENTCLOUD_TOKEN, which is not set",
                 "已设置 {name}，但会话令牌取自 TENCENTCLOUD_TOKEN，而它并未设置"),
            hint("if the pair is temporary, set TENCENTCLOUD_TOKEN to the same value; if it is permanent, unset {name}; nothing was sent",
                 "若这对凭证是临时的，请将 TENCENTCLOUD_TOKEN 设为相同的值；若是长期的，请取消设置 {name}；未发送任何请求");
        /// Credentials that expire too soon.
        Stale {
            /// Where they come from.
            source: Source,
            /// When they expire.
            end: Timestamp,
            /// This computer's time.
            now: Timestamp,
            /// How long they must last.
            needed: Span,
        } => CRED_ROLE,
            what("credentials from {from} expire at {end}; it is {now}, and they are needed for {needed}",
                 "来自{from}的凭证将于 {end} 失效；当前时间 {now}，还需要使用 {needed:#}", both from = source.words()),
            hint(source.renewal());
        /// A file that others can read.
        Exposed(p: PathBuf) => CRED_EXPOSED,
            what("the credential file {} can be read by users other than its owner",
                 "凭证文件 {} 可被所有者以外的人读取", p.display()),
            hint("run `chmod 600 {0}`; if others use this computer, issue fresh credentials too",
                 "请运行 `chmod 600 {0}`；若有他人使用本机，请同时更换凭证", p.display());
        /// A role or profile without usable credentials.
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
            Self::Name => bi!("this is not a valid name of a profile or role", "这不是有效的配置名或角色名"),
            Self::Silent => bi!("the instance's metadata service does not answer", "实例元数据服务没有应答"),
            Self::None => bi!("the role is not bound to this instance", "该实例没有绑定此角色"),
            Self::Form => bi!("the metadata service's answer is malformed", "元数据服务的应答格式有误"),
            Self::Kind => bi!(
                "the profile or file contains no key pair: it refers to a role to assume (role-arn) or to an instance's \
                 role (cvm-role)",
                "该配置本身不含可直接使用的凭证：需要扮演角色（role-arn）或查询实例（cvm-role）"
            ),
        }
    }
}

impl Source {
    /// The source in words, to be placed after "from".
    pub(crate) fn words(&self) -> Bilingual {
        match self {
            Self::Environment => bi!("the environment", "环境变量"),
            Self::File(path) => {
                let path = path.display();
                bi!("{path}", " {path} ")
            }
            Self::Role(role) => bi!("the role {role} of this instance", "本实例的角色 {role} "),
        }
    }

    /// How to get credentials that are valid for longer.
    fn renewal(&self) -> Bilingual {
        match self {
            Self::Environment | Self::File(_) => bi!(
                "the online operator: run `tccli auth login` again (`tccli sso login` for an sso profile) and repeat the command; \
                 nothing was sent",
                "在线工作站操作员：请重新运行 `tccli auth login`（sso 配置用 `tccli sso login`），然后重复该命令；未发送任何请求"
            ),
            Self::Role(_) => bi!(
                "the online operator: the instance renews them by itself; wait a few minutes and repeat the command; nothing was sent",
                "在线工作站操作员：实例会自动更新凭证：请等待几分钟后重复该命令；未发送任何请求"
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
                bi!(
                    "does not have the vendor's format, or has no [default]",
                    "不符合官方格式，或缺少 [default]"
                )
            }
            Self::Time => bi!("is not a time in Unix seconds", "不是以 Unix 秒表示的时间"),
        }
    }
}
