//! The examples of the help page, and the Chinese translation of each of its English texts.

use keyferry_transport::help::Page;

pub(crate) const PAGE: Page = Page { examples: EXAMPLES, zh: ZH };

const EXAMPLES: &[(&str, &str)] = &[
    ("inspect", "keyferry-hsm inspect --module /usr/lib/softhsm/libsofthsm2.so"),
    ("probe", "keyferry-hsm probe --module /usr/lib/softhsm/libsofthsm2.so --token-label ceremony"),
    ("bench", "keyferry-hsm bench --module /usr/lib/softhsm/libsofthsm2.so --token-label ceremony"),
    (
        "wrap",
        "keyferry-hsm wrap --plan medium/plan.toml --parameters medium/parameters.json --module /usr/lib/softhsm/libsofthsm2.so --token-label ceremony --out medium",
    ),
    (
        "rewrap",
        "keyferry-hsm rewrap --plan medium/plan.toml --parameters medium/parameters.json --transcript medium/archive/transcript.jsonl --module /usr/lib/softhsm/libsofthsm2.so --token-label ceremony --label 2026 --trusted --out medium",
    ),
];

const ZH: &[(&str, &str)] = &[
    (
        "The HSM station of keyferry: key material is made in a PKCS#11 token, and leaves it only wrapped",
        "keyferry 的 HSM 工作站：密钥材料在 PKCS#11 硬件令牌内生成，只以包装形式离开",
    ),
    (
        "Show what a module says about itself and its tokens. Changes nothing and needs no PIN",
        "显示模块对自身及其硬件令牌的说明。不做任何更改，不需要 PIN",
    ),
    ("Show what a module really does, with throw-away keys", "用一次性密钥查看模块实际能做什么"),
    (
        "Measure how many keys per second the token wraps, compared with this computer, with throw-away keys",
        "用一次性密钥测量硬件令牌每秒能包装多少个密钥，并与本机对比",
    ),
    ("Number of rounds; the median is shown", "取中位数的轮数"),
    (
        "Have the token make and wrap every key of the plan, and write ciphertext.json",
        "让计划中的每个密钥在硬件令牌内生成并包装，写出 ciphertext.json",
    ),
    (
        "Have the token wrap again the keys that it kept, or that the HSM's backup restored, and write ciphertext.json",
        "让硬件令牌再次包装其保留的密钥或从 HSM 备份恢复的密钥，写出 ciphertext.json",
    ),
    (
        "Do not lock the kept keys: the token can wrap them again, but only to public keys that its security officer marked as trusted",
        "不锁定：硬件令牌可再次包装保留的密钥，但只包装给安全管理员（SO）标记为可信的公钥",
    ),
    (
        "The label that the keys were kept under; each key has this label and its alias",
        "保留密钥时所用的标签；每个密钥的标签为此标签加别名",
    ),
    ("The transcript.jsonl of the ceremony that made the keys", "生成这些密钥的仪式的 transcript.jsonl"),
    (
        "The keys were kept with `wrap --trusted`: the security officer marks the wrapping keys as trusted for this run",
        "密钥以 `wrap --trusted` 保留：安全管理员（SO）为本次运行将包装公钥标记为可信",
    ),
    ("The file of the PKCS#11 module, from the maker of the HSM", "PKCS#11 模块文件，由 HSM 厂商提供"),
    (
        "Seconds to wait for the answer to a call before the module's process is ended",
        "调用无响应多少秒后结束模块",
    ),
    ("Print the result as JSON on standard output", "在标准输出上以 JSON 给出结果"),
    ("Increase verbosity (repeat for more)", "显示更多信息；给出两次则最多"),
    ("Label of the token", "硬件令牌的标签"),
    ("Serial number of the token, if several have the label", "硬件令牌的序列号（多个硬件令牌标签相同时）"),
    ("Only the token with this label", "仅此标签的硬件令牌"),
    ("The HSM is reached over a network: allow the module to use one", "HSM 通过网络访问：允许模块使用网络"),
    ("The reviewed plan, with its `[hsm]`", "经审阅的计划文件，含 `[hsm]`"),
    ("The parameters.json that came across", "传递过来的 parameters.json"),
    (
        "Keep each key in the token under this label and its alias, locked against any further wrapping",
        "以此标签加别名将每个密钥保留在硬件令牌中，并锁定不得再次包装",
    ),
    (
        "Folder for ciphertext.json and transcript.jsonl: the medium that goes back",
        "写入 ciphertext.json 与 transcript.jsonl 的文件夹：带回的介质",
    ),
    (
        "Digest that parameters.json must have, as hex or words; replaces the question",
        "parameters.json 应有的摘要，十六进制或词语；代替询问",
    ),
    (
        "Head that a record found by this run must have, as hex or words; once for each record",
        "已有仪式记录应有的链尾摘要，十六进制或词语；每份记录给出一次",
    ),
    (
        "The right time, if this machine's clock is wrong (2026-11-23T10:02:00Z)",
        "本机时钟有误时的正确时间（2026-11-23T10:02:00Z）",
    ),
];
