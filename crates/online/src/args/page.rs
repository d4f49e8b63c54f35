//! The help page's examples, and its Chinese texts, indexed by the English ones.

use keyferry_transport::help::Page;

use crate::providers::{PROFILE, credentials_come_from};

pub(crate) const PAGE: Page = Page { examples: EXAMPLES, zh: ZH };

/// The head of the page, English and 简体中文.
pub(crate) const ABOUT: (&str, &str) = (
    concat!(
        "The online station of a keyferry ceremony.\n\n",
        credentials_come_from!(en),
        " They are never arguments. Exit codes: 0 done, 1 refused by a check, 2 usage, 3 file or device, 4 the service.",
    ),
    concat!(
        "keyferry 仪式的在线工作站。\n\n",
        credentials_come_from!(zh),
        "；绝不作为参数。退出码：0 完成，1 被检查拒绝，2 用法有误，3 文件或设备，4 服务端。",
    ),
);

const EXAMPLES: &[(&str, &str)] = &[
    (
        "create-key",
        "keyferry-online create-key --plan draft.toml --out plan.toml --transcript medium/transcript.jsonl",
    ),
    ("export", "keyferry-online export --plan plan.toml --out medium --session session.json"),
    ("import", "keyferry-online import --session session.json --ciphertext medium/ciphertext.json"),
    (
        "rebuild-journal",
        "keyferry-online rebuild-journal --plan plan.toml --transcript medium/transcript.jsonl",
    ),
    ("check-access", "keyferry-online check-access --plan draft.toml"),
    ("status", "keyferry-online status --plan plan.toml"),
    ("status", "keyferry-online status --all-regions --warn-within 30d --prometheus keyferry.prom"),
    (
        "delete-material",
        "keyferry-online delete-material --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01 --transcript archive/life.jsonl",
    ),
    (
        "schedule-deletion",
        "keyferry-online schedule-deletion --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01 --days 30 --transcript archive/life.jsonl",
    ),
    (
        "cancel-deletion",
        "keyferry-online cancel-deletion --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01",
    ),
    ("enable", "keyferry-online enable --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01"),
    (
        "disable",
        "keyferry-online disable --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01 --transcript archive/life.jsonl",
    ),
    ("note", "keyferry-online note --transcript medium/transcript.jsonl --by 'Carol Witness'"),
    ("random", "keyferry-online random --region ap-singapore --bytes 32 --out random.bin"),
    ("show", "keyferry-online show medium/parameters.json"),
    ("show", "keyferry-online show --test-page"),
    ("receive", "keyferry-online receive --out medium/ciphertext.json"),
];

const ZH: &[(&str, &str)] = &[
    ("The online station of a keyferry ceremony", "keyferry 仪式的在线工作站"),
    ABOUT,
    ("Alias of a key to create; may be given several times", "要创建的密钥的别名；可给出多次"),
    (
        "Ask, before the day of the ceremony, what these credentials may do; changes nothing",
        "仪式之前：询问这些凭证有哪些权限，不做任何更改",
    ),
    ("Cancel a scheduled deletion", "取消计划中的删除"),
    (
        "Create keys without material, and write their ids into the plan",
        "创建没有密钥材料的密钥，并将其 ID 写入计划文件",
    ),
    (
        "Days until the deletion; until then, cancel-deletion can cancel it",
        "距删除的天数；其间可用 cancel-deletion 取消",
    ),
    (
        "Delete a key's material; the same material can be imported again",
        "删除密钥的材料；同样的材料可以重新导入",
    ),
    (
        "Digest that the ciphertext must have, as hex or words; replaces the question",
        "密文应有的摘要，十六进制或词语；代替询问",
    ),
    (
        "Digest that the draft must have, as hex or words; replaces the question",
        "草案应有的摘要，十六进制或词语；代替询问",
    ),
    (
        "Digest that the plan must have, as hex or words; replaces the question",
        "计划文件应有的摘要，十六进制或词语；代替询问",
    ),
    ("Draft plan; every key in it that has no key_id is created", "计划草案；其中没有 key_id 的密钥都会创建"),
    ("Exit with code 1 if fewer keys are found", "找到的密钥少于此数时退出码为 1"),
    (
        "Exit with code 1 if the material of a shown key has expired or expires within this many days, or if there is no key",
        "所显示密钥的材料在此天数内到期或已经到期，或没有密钥时，退出码为 1",
    ),
    ("Fetch import parameters for every key of a plan", "为计划中的每个密钥获取导入参数"),
    (
        "Fetch random bytes from the service, as one contribution to entropy",
        "从服务端获取随机字节，作为一份附加熵源",
    ),
    (
        "File for the import tokens, mode 0600; it never leaves this station",
        "存放导入令牌的文件，权限 0600；绝不离开本工作站",
    ),
    (
        "Folder of the journals (default: keyferry/journal below XDG_STATE_HOME or ~/.local/state)",
        "操作台账的文件夹（默认：XDG_STATE_HOME 或 ~/.local/state 之下的 keyferry/journal）",
    ),
    (
        "Folder on the medium that crosses, for parameters.json and transcript.jsonl",
        "传递介质上的文件夹：写入 parameters.json 与 transcript.jsonl",
    ),
    (
        "Schedule a key to be deleted for good; everything encrypted under it is then lost",
        "永久删除密钥，连同用它加密的一切",
    ),
    (
        "Head that the record must have before this run adds to it, as hex or words",
        "本次运行追加之前，仪式记录应有的链尾摘要，十六进制或词语",
    ),
    ("Number of bytes", "字节数"),
    (
        "Abandon this pending ceremony; its ciphertext can no longer be imported",
        "放弃尚未完成、不会再回来的仪式（给出其 ID）：其密文将不能再导入",
    ),
    ("Id of the key", "密钥的 ID"),
    ("Import ciphertext.json, then prove that each key works", "导入 ciphertext.json，然后证明每个密钥可用"),
    ("Number of keys to work on at the same time", "同时处理的密钥数"),
    ("New file, mode 0600", "新文件，权限 0600"),
    (
        "Note in the record what the programs cannot see, above all a deviation",
        "在仪式记录中写明程序看不到的事，尤其是偏离",
    ),
    (
        "Show one line per request; repeat to add names and lengths of what is sent, never values",
        "每个请求一行；给出两次则还有所发送字段的名称与长度，绝无其值",
    ),
    (
        "Plan of the ceremony (default: plan.toml next to the record)",
        "仪式的计划文件（默认：仪式记录旁的 plan.toml）",
    ),
    ("Plan of the ceremony, or its draft without key ids", "仪式的计划文件，或尚无密钥 ID 的草案"),
    (
        "Plan of the session, needed in production if only the plan names the endpoint",
        "会话所属的计划文件；正式仪式中只有计划写明服务地址时需要",
    ),
    ("Plan to write: the draft with the key ids filled in", "要写出的计划文件：填入密钥 ID 的草案"),
    ("Plan whose keys to show", "要显示其密钥的计划文件"),
    (PROFILE[0], PROFILE[1]),
    ("Enable a disabled key again", "重新启用已停用的密钥"),
    ("Plan of the ceremony", "仪式的计划文件"),
    ("Head that the record must have, as hex or words", "仪式记录应有的链尾摘要，十六进制或词语"),
    ("Latest copy of the ceremony's transcript.jsonl", "仪式记录，以最后的内容为准"),
    (
        "Record of what is done to keys after their ceremony: ARCHIVE/life.jsonl, next to plan.toml and transcript.jsonl",
        "仪式之后对密钥所做操作的记录：档案中的 life.jsonl，与 plan.toml 和 transcript.jsonl 在同一文件夹",
    ),
    ("Record to add to", "追加写入的仪式记录"),
    (
        "Record to add to (default: transcript.jsonl next to the ciphertext)",
        "追加写入的仪式记录（默认：密文旁的 transcript.jsonl）",
    ),
    ("Region of the key", "密钥所在地域"),
    ("Region to fetch from", "获取随机字节的地域"),
    ("Region whose external keys to show", "要显示其外部密钥的地域"),
    ("Region, to create keys without a plan", "地域，用于不用计划文件创建密钥"),
    (
        "Maximum number of requests per second; the service allows 100 for each action, region and sub-account",
        "每秒最多的请求数；服务端对每个操作、地域与子账号各允许 100 个",
    ),
    (
        "Role of this cloud instance whose credentials to use; asks the instance's metadata service",
        "使用本云实例此角色的凭证；会询问实例的元数据服务",
    ),
    ("Seconds to wait for one answer", "等待一个应答的秒数"),
    (
        "Endpoint of the service: scheme, host and port only (default: the provider's; for import, the session's)",
        "服务地址：仅协议、主机与端口（默认：服务商的；import 则为会话中的）",
    ),
    ("Show the external keys of every region", "显示所有地域的外部密钥"),
    ("Show only this key of the region", "仅显示该地域的此密钥"),
    (
        "Show the state of keys, and warn about those that expire soon",
        "显示密钥的状态，并对即将到期的密钥发出警告",
    ),
    ("Disable a key", "停用密钥"),
    ("Symbols per second in an animation", "动态显示时每秒的二维码数"),
    (
        "The ciphertext holds material recovered from shares: import it into the key in use, which proves the backup",
        "密文来自由分片恢复的材料：将其导入使用中的密钥，以证明备份有效",
    ),
    ("The ciphertext.json that came back", "带回的 ciphertext.json"),
    ("The session.json that export wrote", "export 写出的 session.json"),
    ("Maximum number of times to send a request, if repeating it is safe", "可安全重复的请求最多发送的次数"),
    (
        "Rebuild lost journals from the ceremony's record and the service",
        "依据仪式记录与服务端，重建丢失的操作台账",
    ),
    ("Text of the note, on one line (default: ask for it)", "内容，一行（默认：询问）"),
    (
        "The key's alias, which replaces the questions in a rehearsal; compared with the service's",
        "密钥的别名，在演练中代替询问；与服务端的别名比对",
    ),
    (
        "File for a Prometheus textfile collector, *.prom: written whatever the exit code; replaces the file of an earlier run",
        "供 Prometheus textfile collector 使用的文件 *.prom：无论退出码如何都会写出，并取代较早运行的文件",
    ),
];
