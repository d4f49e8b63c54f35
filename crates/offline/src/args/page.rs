//! The examples of the help page, and the Chinese translation of each of its English texts.

use keyferry_transport::help::Page;

pub(crate) const PAGE: Page = Page { examples: EXAMPLES, zh: ZH };

const EXAMPLES: &[(&str, &str)] = &[
    ("preflight", "keyferry-offline preflight --plan medium/plan.toml --out medium"),
    ("inspect", "keyferry-offline inspect --plan medium/plan.toml --parameters medium/parameters.json"),
    (
        "wrap",
        "keyferry-offline wrap --plan medium/plan.toml --parameters medium/parameters.json --out medium",
    ),
    (
        "rewrap",
        "keyferry-offline rewrap --plan medium/plan.toml --parameters medium/parameters.json --transcript archive/transcript.jsonl --out medium",
    ),
    ("drill", "keyferry-offline drill --transcript archive/transcript.jsonl"),
    ("drill", "keyferry-offline drill --share --transcript archive/transcript.jsonl"),
    ("generate", "keyferry-offline generate --bits 256 --out material.bin"),
    (
        "encrypt",
        "keyferry-offline encrypt --material material.bin --public-key key.b64 --algorithm RSAES_OAEP_SHA_256 --out ciphertext.bin",
    ),
    ("note", "keyferry-offline note --transcript medium/transcript.jsonl --by 'Carol Witness'"),
    ("show", "keyferry-offline show medium/ciphertext.json"),
    ("show", "keyferry-offline show --test-page"),
    ("receive", "keyferry-offline receive --out medium/parameters.json"),
    ("self", "keyferry-offline self"),
];

const ZH: &[(&str, &str)] = &[
    (
        "The offline station of keyferry: run it on an isolated machine",
        "keyferry 的离线工作站：请在隔离的机器上运行",
    ),
    ("Agree that the new shares of an interrupted run become void", "同意中断的运行留下的新分片作废"),
    (
        "Check parameters.json against the plan and show what is in it. Touches no secret",
        "对照计划文件检查 parameters.json 并显示其内容。不接触机密",
    ),
    (
        "Combine shares, compare the result with the record, and wipe it; or prove one share",
        "合并分片，将所得与仪式记录比对后擦除；或证明单个分片",
    ),
    (
        "Encrypt a file of key material to a public key, as `openssl pkeyutl -encrypt` does",
        "用公钥加密密钥材料文件，如同 `openssl pkeyutl -encrypt`",
    ),
    (
        "Folder for ciphertext.json and transcript.jsonl: the medium that goes back",
        "写入 ciphertext.json 与 transcript.jsonl 的文件夹：带回的介质",
    ),
    (
        "Generate key material for every key of the plan, wrap it, and write ciphertext.json",
        "为计划中的每个密钥生成密钥材料并包装，写出 ciphertext.json",
    ),
    (
        "Generate key material into a new file, as `openssl rand -out FILE 16|32` does",
        "生成密钥材料并写入新文件，如同 `openssl rand -out FILE 16|32`",
    ),
    (
        "How to hand out the shares of the backup: each on its own screen, as text files, or as sheets to print",
        "备份分片的发放方式：逐个显示在屏幕上、写成文本文件，或写成打印页",
    ),
    ("Length of the key material", "密钥材料的长度"),
    (
        "Check this machine: network, radios, swap, dumps, clock and more. Touches no secret",
        "检查本机：网络、无线、交换区、转储、时钟等。不接触机密",
    ),
    (
        "Also make a new set of shares, as the plan says: a share was lost or seen, or custodians changed",
        "同时按计划制作一套新分片：有分片丢失或被看到，或保管人变更",
    ),
    (
        "Make other material although an interrupted run left confirmed shares; those become void",
        "尽管中断的运行留下了已确认的分片，仍生成其他材料：那些分片随即作废",
    ),
    (
        "Mix a contribution into the operating system's randomness; it can only add. May be given several times",
        "将附加熵源混入操作系统的随机数；只会增强。可给出多次",
    ),
    ("New file for the ciphertext", "写入密文的新文件"),
    ("New file for the raw key material, mode 0600", "写入原始密钥材料的新文件，权限 0600"),
    (
        "Note in the record what the programs cannot see, above all a deviation. Touches no secret",
        "在仪式记录中写明程序看不到的事，尤其是偏离。不接触机密",
    ),
    (
        "Only this key; may be given several times (default: all keys of the parameters)",
        "仅此密钥；可给出多次（默认：参数中的全部密钥）",
    ),
    (
        "Plan of the ceremony [default: plan.toml next to the record]",
        "仪式的计划文件（默认：仪式记录旁的 plan.toml）",
    ),
    ("Print the result as JSON on standard output", "在标准输出上以 JSON 给出结果"),
    (
        "Prove only one share: that it is the one that was confirmed",
        "只证明一个分片：它就是当时确认过的那一个",
    ),
    ("Raw key material, 16 or 32 bytes", "原始密钥材料，16 或 32 字节"),
    (
        "Recover key material from shares, wrap it to new parameters, and write ciphertext.json",
        "由分片恢复密钥材料，用新的参数包装，写出 ciphertext.json",
    ),
    ("Refuse material of any other length", "拒绝其他长度的材料"),
    (
        "Rehearsals only: do not require this posture check, although the plan lists it; shown and recorded",
        "仅限演练：不要求计划中的这项安全状态检查；会显示并记录",
    ),
    (
        "Rehearsals only: make all randomness from this published seed of 64 hex digits, and mark the result",
        "仅限演练：所有随机数由这个公开的种子（64 位十六进制）产生，并在结果中标明",
    ),
    ("Increase verbosity (repeat for more)", "显示更多信息；给出两次则最多"),
    (
        "Show which program this is: version, its own SHA-256, how it was built, and from which crates",
        "显示这是哪个程序：版本、自身 SHA-256、构建方式与所用的库",
    ),
    ("Symbols per second in an animation (default: 8)", "动态显示时每秒的二维码数（默认：8）"),
    (
        "The public key of the import parameters: base64 as returned, DER, or PEM",
        "导入参数中的公钥：原样 base64、DER 或 PEM",
    ),
    ("The algorithm that the parameters were fetched for", "获取参数时指定的算法"),
    (
        "Digest that parameters.json must have, as hex or words; replaces the question",
        "parameters.json 应有的摘要，十六进制或词语；代替询问",
    ),
    ("The escrow.json that the shares open, if there is one", "由分片打开的 escrow.json（若有）"),
    ("The folder that `wrap` will write into", "`wrap` 将写入的文件夹"),
    (
        "Head that a record found by this run must have, as hex or words; once for each record",
        "已有仪式记录应有的链尾摘要，十六进制或词语；每份记录给出一次",
    ),
    ("The parameters.json that came across", "传递过来的 parameters.json"),
    (
        "The parameters.json that came across, to compare the clock with",
        "传递过来的 parameters.json，用于核对时钟",
    ),
    (
        "The record of drills to add to (default: drills.jsonl next to the transcript)",
        "追加写入的演习记录（默认：仪式记录旁的 drills.jsonl）",
    ),
    ("The record to add to", "追加写入的仪式记录"),
    (
        "The reviewed plan; without one, the least that production requires",
        "经审阅的计划文件；不给出时按正式仪式的最低要求",
    ),
    (
        "The right time, if this machine's clock is wrong (2026-11-23T10:02:00Z)",
        "本机时钟有误时的正确时间（2026-11-23T10:02:00Z）",
    ),
    ("The transcript.jsonl of the ceremony that made the shares", "制作这些分片的仪式的 transcript.jsonl"),
    (
        "The transcript.jsonl of the ceremony that made the shares; it is not changed",
        "制作这些分片的仪式的 transcript.jsonl；它保持不变",
    ),
    ("Text of the note, on one line [default: ask for it]", "内容，一行（默认：询问）"),
    (
        "raw: 256 bytes, as `openssl pkeyutl` writes them; base64: one line, as `openssl enc -e -base64 -A` writes it",
        "raw：256 字节，如 `openssl pkeyutl` 所写；base64：一行，如 `openssl enc -e -base64 -A` 所写",
    ),
];
