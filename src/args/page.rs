//! The examples of the help page, and the Chinese translation of each of its English texts.

use keyferry_transport::help::Page;

pub(crate) const PAGE: Page = Page { examples: EXAMPLES, zh: ZH };

const EXAMPLES: &[(&str, &str)] = &[
    ("rehearse", "keyferry rehearse --out rehearsal --plan plan.toml --interactive"),
    (
        "emulate",
        "keyferry emulate --listen 127.0.0.1:8080 --secret-id AKIDtest --secret-key invented --admin 127.0.0.1:8081",
    ),
    ("plan check", "keyferry plan check draft.toml"),
    ("plan new", "keyferry plan new --out draft.toml"),
    ("plan diff", "keyferry plan diff draft.toml plan.toml"),
    ("plan recover", "keyferry plan recover archive --ceremony bank-2026-recovery --out draft.toml"),
    ("verify", "keyferry verify archive"),
    ("sign", "keyferry sign archive --key ~/.ssh/id_ed25519"),
    ("allowed-signers", "keyferry allowed-signers archive/plan.toml"),
    ("report", "keyferry report archive --out report.html"),
    ("archive", "keyferry archive medium archive"),
    ("bench", "keyferry bench --quick"),
    ("bench qr", "keyferry bench qr --alone"),
];

const ZH: &[(&str, &str)] = &[
    (
        "Air-gapped key ceremonies for cloud KMS: rehearse them, emulate the service, verify the record, measure",
        "云 KMS 的物理隔离密钥仪式：演练、模拟服务、验证仪式记录、测量性能",
    ),
    (
        "Air-gapped key ceremonies for cloud KMS: rehearse them, emulate the service, verify the record, measure.\n\nExit codes: 0 done, 1 refused by a check, 2 usage, 3 file or device, 4 the service.",
        "云 KMS 的物理隔离密钥仪式：演练、模拟服务、验证仪式记录、测量性能。\n\n退出码：0 完成，1 被检查拒绝，2 用法有误，3 文件或设备，4 服务端。",
    ),
    (
        "Rehearse this plan instead of the built-in ones; a production plan is copied and turned into a rehearsal plan",
        "演练这份计划，而不是内置的计划；正式仪式的计划则使用改为演练的副本",
    ),
    (
        "Step by step in this terminal: each command is shown, and runs when you press Enter; you answer its questions",
        "在本终端上逐步进行：显示每条命令，按回车后运行；由您回答其提问",
    ),
    ("Rough figures in about ten seconds", "约十秒的初步测量"),
    (
        "One line per request on standard error: who asked for what and how it ended, no secrets [default: none; -v means text]",
        "在标准错误上每个请求一行：谁请求了什么、结果如何，不含机密；text 供人阅读，json 供程序读取（默认：无；-v 即为 text）",
    ),
    (
        "Action that these credentials may not use, such as ScheduleKeyDeletion; may be given several times",
        "这些凭证无权执行的操作，例如 ScheduleKeyDeletion；可给出多次",
    ),
    ("An earlier bench.json: show what has changed since then", "较早的 bench.json：显示其后的变化"),
    (
        "Ask about people, keys and backup, and write a commented plan that passes `plan check`",
        "询问人员、密钥与备份，写出带注释且能通过 `plan check` 的计划文件",
    ),
    (
        "Check a ceremony's record: a whole folder, or only the hash chain of a transcript",
        "检查仪式档案：整个文件夹，或仅一份仪式记录的哈希链",
    ),
    (
        "Collect a ceremony's record from one or several folders into a new one, with SHA256SUMS",
        "从一个或多个文件夹收集仪式档案到新文件夹，并写出 SHA256SUMS",
    ),
    (
        "Let every file cross only by QR code, as pictures with loss, blur and rotation; also needs keyferry-scan",
        "用二维码传递：每个文件都只作为有丢失、模糊与旋转的图片传递；还需要 keyferry-scan",
    ),
    (
        "Crossings to simulate for each figure in the table; 10000 take about an hour",
        "表中每个数值模拟的传递次数；10000 次约需一小时",
    ),
    (
        "Edition of a region if it is not the expected one; adds the region if GetRegions lacks it; may be given several times",
        "某地域的版本与预期不同时的实际版本；若 GetRegions 中没有该地域则加入；可给出多次",
    ),
    (
        "File that keeps the keys when this program ends or is killed; created if missing [default: memory only]",
        "保存密钥的文件，程序结束或被终止后仍在；没有则建立（默认：仅在内存中）",
    ),
    (
        "Find everything in a plan that a later command would refuse, with line numbers, and what reviewers should know",
        "找出以后任何命令会拒绝之处（注明行号），以及审阅人应知道的事",
    ),
    (
        "Folder for bench.json and the page bench.html; neither may exist yet",
        "写入 bench.json 与可查看的网页 bench.html 的文件夹；两者都不得已存在",
    ),
    (
        "Folder for everything that the rehearsal makes; an earlier rehearsal there is replaced, anything else is refused",
        "存放所有产物的文件夹；其中较早的演练会被替换，其他内容则拒绝",
    ),
    (
        "Folder of an earlier record that the plan names for a key; may be given several times",
        "计划为某密钥写明的上一份仪式档案的文件夹；可给出多次",
    ),
    (
        "Folders with the ceremony's files: the medium, and any others that hold some of them",
        "存放仪式文件的文件夹：介质，以及含有其余文件的其他文件夹",
    ),
    (
        "Head that the record must have, as hex or words from the paper; replaces the question",
        "仪式记录应有的链尾摘要，取自纸上的十六进制或词语；代替询问",
    ),
    (
        "Hold the whole ceremony on this computer, with the real stations, against an embedded emulator",
        "在本机用真实的工作站程序与内置模拟器完成整个仪式",
    ),
    ("Id of the recovery ceremony, unique in your organisation", "恢复仪式的 ID，在本组织内唯一"),
    (
        "Check a plan, write one from your answers, compare two, or draft the plan of a recovery; works offline",
        "检查计划文件、按回答写出计划、比较两份计划，或起草恢复计划；可离线使用",
    ),
    ("Loopback address; port 0 means any free port", "回环地址；端口 0 表示取一个空闲端口"),
    (
        "Make all material from this published seed of 64 hex digits, and mark it as seeded",
        "所有材料由这个公开的种子（64 位十六进制）产生，并予以标明",
    ),
    (
        "Measure how fast this machine wraps, compared with other implementations; takes under a minute",
        "测量本机的包装速度，并与其他实现比较；不到一分钟",
    ),
    ("New file for the draft", "写入草案的新文件"),
    (
        "New file for the page: one file that loads nothing and prints on A4",
        "写入网页的新文件：单个文件，不加载任何外部内容，可在 A4 上打印",
    ),
    ("New file for the plan", "写入计划的新文件"),
    ("New file for the same report as Markdown", "以 Markdown 写入同样内容的新文件"),
    ("New file to which the port of --admin is written", "写入 --admin 端口号的新文件"),
    ("New file to which the port is written once requests are answered", "可以应答请求时写入端口号的新文件"),
    ("New folder for the archive", "存放归档的新文件夹"),
    ("Numbers of blocks to simulate, instead of the usual ones", "分块数，代替通常的数值"),
    ("Only keyferry's frames, not the methods of other programs", "仅 keyferry 的帧，不含他人的方式"),
    (
        "OpenSSH private key file whose public half the plan names [default: show the ssh-keygen lines]",
        "OpenSSH 私钥文件，其公钥写在计划中（默认：显示 ssh-keygen 命令行）",
    ),
    (
        "Print a plan's allowed_signers file for ssh-keygen -Y verify",
        "输出计划的 allowed_signers 文件，供 ssh-keygen -Y verify 使用",
    ),
    (
        "Purpose that the record must have: production or rehearsal",
        "仪式档案应有的用途：production（正式仪式）或 rehearsal（演练）",
    ),
    (
        "Head that the record must have, as hex or words from the paper",
        "仪式档案应有的链尾摘要，取自纸上的十六进制或词语",
    ),
    (
        "Run a strict Tencent Cloud KMS on loopback, until it is interrupted; -v shows each request",
        "在回环地址上运行严格的腾讯云 KMS 模拟器，直到被中断；-v 显示每个请求",
    ),
    ("Increase verbosity", "显示更多信息"),
    (
        "Second loopback address, for tests: GET /imports (why an import was refused), /state, /counts; GET or POST /clock, /faults, /limit; POST /reset",
        "第二个回环地址，供测试：GET /imports（导入被拒绝的原因）、/state、/counts；GET 或 POST /clock、/faults、/limit；POST /reset",
    ),
    (
        "SecretId to accept; invent one, it protects nothing",
        "允许的 SecretId；自行编造即可，它不保护任何东西",
    ),
    ("SecretKey that belongs to it; invent one too", "与之对应的 SecretKey；同样自行编造"),
    (
        "Narrower intervals, and a batch of 100,000 keys; takes several minutes",
        "数分钟：区间更窄，另有 100,000 个密钥的一批",
    ),
    ("Show reviewers what differs between two plans, field by field", "逐字段向审阅人显示两份计划的差异"),
    (
        "Sign a record with a key file, or show how to sign it with ssh-keygen",
        "用密钥文件签署仪式档案，或显示 ssh-keygen 的做法",
    ),
    (
        "Simulate crossings by QR symbols: how many frames they take, for several sizes, losses and methods",
        "模拟用二维码传递：不同大小、丢帧与显示方式下，完整之前所需的帧数",
    ),
    ("The archive: the folder of the ceremony's record", "归档：仪式档案的文件夹"),
    (
        "Measure only the offline station, as a whole program with 1 to 100,000 keys: time and memory; takes a minute or two",
        "仅测量离线工作站：作为完整程序处理 1 至 100,000 个密钥的用时与内存；需一两分钟",
    ),
    ("The later plan", "之后的计划"),
    ("The earlier plan", "之前的计划"),
    ("The plan, or a draft", "计划文件或其草案"),
    ("The record's folder", "仪式档案的文件夹"),
    (
        "The record's folder, or a transcript.jsonl to check only its hash chain",
        "仪式档案的文件夹；或一份 transcript.jsonl，此时仅检查哈希链",
    ),
    (
        "The record's folder; the signature goes into its subfolder `signatures`",
        "仪式档案的文件夹；签名写入其子文件夹 `signatures`",
    ),
    (
        "Check the plan for this time, such as 2026-11-23T08:00:00Z [default: the clock]",
        "按此时间检查计划，例如 2026-11-23T08:00:00Z（默认：时钟）",
    ),
    (
        "Folder that contains keyferry-online and keyferry-offline [default: this program's own]",
        "keyferry-online 与 keyferry-offline 所在的文件夹（默认：本程序旁）",
    ),
    (
        "Folder that contains keyferry-offline [default: this program's own]",
        "keyferry-offline 所在的文件夹（默认：本程序旁）",
    ),
    ("Wrapping key pairs that requests share in turn, at least 2", "各请求轮流使用的包装密钥对数，至少 2"),
    (
        "Write a report on a record: a printable HTML page, and Markdown",
        "将仪式档案写成供人阅读的报告：可打印的 HTML 与 Markdown",
    ),
    ("Draft the plan of a recovery from the archive of a ceremony", "由一次仪式的归档写出恢复计划的草案"),
];
