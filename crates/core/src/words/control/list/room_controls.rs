// The room: backup, shares, posture, seed.

controls! { ROOM:
    section("Backup, shares, posture, seed", "备份、分片、机器属性、种子") {
        BACKUP_SCHEME = "KF-BACKUP-01", "Nothing is wrapped before a backup exists or the plan chose none.",
            "备份已存在，或计划选择不备份，才会开始包装。",
            by("plan commands, `wrap`", "计划类命令、`wrap`"),
            act("Shares are shown on a terminal: run it on one, or give `--shares files=DIR` or `sheets=DIR`. To go without a backup, choose `scheme = \"none\"` with a reason and have the plan reviewed again.",
                "分片显示在终端上：请在终端中运行，或给出 `--shares files=DIR` 或 `sheets=DIR`。若不备份，请写 `scheme = \"none\"` 并写明理由，重新审阅。");
        BACKUP_CUSTODIANS = "KF-BACKUP-02", "A plan names as many custodians as shares, or none.",
            "计划中的保管人与分片一样多，或一个也不列。",
            by("`plan check`, `create-key`, `export`, `preflight`, `inspect`, `wrap`, `rewrap`"),
            act("Name one participant with `role = \"custodian\"` for each share, or none, and have the plan reviewed again.",
                "为每个分片各列一位 `role = \"custodian\"` 的参与者，或全部不列；重新审阅。");
        BACKUP_READ_BACK = "KF-BACKUP-03", "A share counts only after it was read back, word for word.",
            "分片逐词读回之后才算数。",
            by("`wrap`"),
            act("Compare the sheet with what was handed out; nothing has been wrapped for the medium yet. If a sheet is spoilt, destroy its set and start over.",
                "将纸张与发出的内容核对；尚未为介质包装任何内容。若有纸张写坏，请重新开始，并销毁其所在的一套。");
        BACKUP_STRANDED = "KF-BACKUP-04", "Confirmed shares of a run whose ciphertext is not here are made void only with consent.",
            "若某次运行的密文不在此处，只有经过同意，才会作废其已确认的分片。",
            by("`wrap`"),
            act("`rewrap` makes the ciphertext from those shares. Only if some of them are lost: answer `Yes` or give `--void-shares`, and destroy the rest.",
                "可用 `rewrap` 由这些分片制作密文。只有当它们确已丢失时，才回答 `Yes` 或给出 `--void-shares`，并销毁它们。");
        BACKUP_RECORD = "KF-BACKUP-05", "Shares, and what they recover, are those that the record committed to.",
            "分片及其恢复出的内容，正是仪式记录所承诺的。",
            by("`rewrap`, `drill`"),
            act("Find the right sheet, record and `escrow.json`: compare the head of the sheet, the set and the digest. If all are right, a share or file was changed: fill in an exception sheet and use other shares.",
                "找出正确的纸张、记录和 `escrow.json`：核对纸张抬头、分片组、摘要。若都正确，则有分片或文件被改动：填写例外记录表，改用其他分片。");
        BACKUP_PROVED = "KF-BACKUP-06", "A backup is proved only by a service that holds the same material.",
            "只有持有同一材料的服务端才能证明备份有效。",
            by("`import --prove-backup`"),
            act("\"not what the KMS holds\": treat the key as one without a backup from today. Otherwise bring the files of `rewrap`, or leave `--prove-backup` out.",
                "若提示“与 KMS 中的密钥材料不一致”：当天即视该密钥为没有备份。否则请取来 `rewrap` 写出的文件，或去掉 `--prove-backup`。");
        BACKUP_SCREEN = "KF-BACKUP-07", "In production, words of a share appear only on a console of the machine itself.",
            "正式仪式中，分片的词只出现在本机自带的控制台上。",
            by("`wrap`, `rewrap`, `drill`"),
            act("Log in at the machine's own screen and keyboard (tty1), or at its serial console; not over ssh, under sudo, in tmux, screen, script or a window. Do not redirect standard input or standard error. No share was shown.",
                "请在本机的屏幕与键盘（tty1）或其串口控制台上登录；不要通过 ssh 或 sudo，也不要在 tmux、screen、script 或图形窗口中运行。不要重定向标准输入或标准错误。尚未显示任何分片。");
        BACKUP_ALONE = "KF-BACKUP-08", "A share is on the screen only for its custodian, as a whole, and never for longer than needed.",
            "分片只对其保管人显示，完整显示，且不会超过所需时间。",
            by("`wrap`, `rewrap`, `drill`"),
            act("Enlarge the terminal, or use a smaller font (`setfont`); or give `--shares files=DIR` or `sheets=DIR`. No share was shown.",
                "请放大终端窗口或改用较小的字体（`setfont`），或给出 `--shares files=DIR` 或 `sheets=DIR`。尚未显示任何分片。");
        ESCROW_KEY = "KF-ESCROW-01", "An escrow is opened only with the escrow key that it names.",
            "托管文件只能用它所指明的托管密钥打开。",
            by("`rewrap`, `drill`"),
            act("Give the `escrow.json` of the same run as the shares.",
                "请提供与这些分片同一次运行写出的 `escrow.json`。");
        ESCROW_ENTRY = "KF-ESCROW-02", "An escrow entry opens only whole, for its key and ceremony.",
            "托管条目只有完整，且对应其密钥与仪式，才能打开。",
            by("`rewrap`, `drill`"),
            act("Use another copy of `escrow.json`; the record names its digest.",
                "换用 `escrow.json` 的另一份副本；仪式记录中写有其摘要。");
        ESCROW_MATERIAL = "KF-ESCROW-03", "The material from an escrow entry matches its check value and commitment.",
            "托管条目给出的材料与其校验值和承诺值一致。",
            by("`rewrap`, `drill`"),
            act("As above.", "同上。");
        SHARE_WORDS = "KF-SHARE-01", "A share is words of the SLIP-39 list, each written in full.",
            "分片由 SLIP-39 词表中的单词组成，每个单词都完整写出。",
            by("where a share is read", "读取分片之处"),
            act("The message names the word by its number. Compare it with the paper, letter by letter; four letters are enough for completion.",
                "消息会指出是第几个单词。请与纸上的内容逐字母核对；输入四个字母即可自动补全。");
        SHARE_LENGTH = "KF-SHARE-02", "A share has as many words as SLIP-39 allows, and shares come one at a time.",
            "分片的单词数是 SLIP-39 允许的数目，且一次只输入一个分片。",
            by("where a share is read", "读取分片之处"),
            act("There are 20 words for 128 bits and 33 for 256 bits. Count them on the paper.",
                "128 位为 20 个单词，256 位为 33 个。请数一下纸上的单词。");
        SHARE_CHECKSUM = "KF-SHARE-03", "A share's checksum is right.", "分片的校验和正确。",
            by("where a share is read", "读取分片之处"),
            act("Compare the words that the message names with the paper, then all of them. Never change the paper.",
                "先核对消息所指的单词，再核对其余全部单词。切勿改动纸张。");
        SHARE_FIELDS = "KF-SHARE-04", "A share's fields do not contradict each other.",
            "分片的各字段互不矛盾。",
            by("where a share is read", "读取分片之处"),
            act("The words are complete, but no correct program made them. Keep the sheet as evidence, and use another share.",
                "单词是完整的，但正常的程序不会生成这样的分片。保留该纸作为证据，改用其他分片。");
        SHARE_SET = "KF-SHARE-05", "Only shares of one set are combined.", "只合并同一套分片。",
            by("where shares are combined", "合并分片之处"),
            act("Shares of one set begin with the same two words, those of one group with the same three. Find the right sheet.",
                "同一套分片的前两个单词相同，同一组的前三个单词相同。请找出正确的纸张。");
        SHARE_COUNT = "KF-SHARE-06", "Each share counts once, and none is taken beyond the threshold.",
            "每个分片只计一次，达到门限之后不再接受更多。",
            by("where shares are combined", "合并分片之处"),
            act("Put the sheet back. If two different sheets have the same number, one of them is forged: fill in an exception sheet.",
                "请放回该纸。若两张不同的纸使用同一编号，其中一张系伪造：填写例外记录表。");
        SHARE_MISSING = "KF-SHARE-07", "Nothing is recovered from fewer shares than the threshold.",
            "分片少于门限时不恢复任何内容。",
            by("where shares are combined", "合并分片之处"),
            act("The message says how many shares of which group are missing.", "消息会说明哪一组还缺多少个。");
        SHARE_DIGEST = "KF-SHARE-08", "Shares recover the value that was shared: its digest agrees.",
            "分片恢复出的正是当初所拆分的：摘要一致。",
            by("where shares are combined", "合并分片之处"),
            act("One of them is forged, or belongs to another set. Fill in an exception sheet, and try other shares.",
                "其中一个系伪造，或属于另一次拆分。填写例外记录表；试用其他分片。");
        SHARE_SCHEME = "KF-SHARE-09", "Groups, thresholds and counts stay within SLIP-39's bounds.",
            "组数、门限与分片数不超出 SLIP-39 的范围。",
            by("where shares are made", "制作分片之处"),
            act("Correct the numbers in the plan and have it reviewed again.", "更正计划中的数字，重新审阅。");
        SHARE_PASSPHRASE = "KF-SHARE-10", "A passphrase for shares is printable ASCII.",
            "分片的口令由可显示的 ASCII 字符组成。",
            by("where a passphrase is typed", "输入口令之处"),
            act("Switch off the input method and type it again.", "关闭输入法，重新输入。");
        SHARE_SECRET = "KF-SHARE-11", "A shared secret has at least 128 bits, in whole pairs of bytes.",
            "所拆分的秘密值至少为 128 位，且字节数为偶数。",
            by("where shares are made", "制作分片之处"),
            act("Share key material of 128 or 256 bits.", "请拆分 128 或 256 位的密钥材料。");
        SHARE_PROVED = "KF-SHARE-12", "Shares are given out only after they were combined again.",
            "分片重新合并成功之后才会发出。",
            by("where shares are made", "制作分片之处"),
            act("Nothing was shown. Do not use this machine: its generator, memory or processor is broken.",
                "没有显示任何内容。不要使用本机：其发生器、内存或处理器已损坏。");
        POSTURE = "KF-POST-01", "Every property of the machine that the plan requires is checked.",
            "计划要求的每一项机器属性都会检查。",
            by("`wrap`"),
            act("This version cannot make that check: remove it from `[posture]`, make it by hand as the runbook says, and have the plan reviewed again.",
                "本版本无法做该项检查：请从 `[posture]` 中去掉它，按操作手册人工检查，并重新审阅。");
        POSTURE_HOLDS = "KF-POST-02", "No secret exists before every required property of the machine holds.",
            "在要求的每一项机器属性都满足之前，不产生任何机密。",
            by("`preflight`, `wrap`, `rewrap`, `drill`, `generate`"),
            act("The hint says how to fix the first fault; `preflight` shows all of them. Fix the machine or use another one. A check that \
                it cannot pass is waived in the plan, with a reason and a review. For `no-network`, the program must see \
                the machine's own network: start it outside containers and namespaces.",
                "提示说明如何整改第一项；`preflight` 列出全部。整改本机或换一台；确实无法满足的，在计划中写明理由豁免并重新审阅。对于 `no-network`，程序必须能看到本机自身的网络：请不要在容器或命名空间中启动。");
        POSTURE_WAIVER = "KF-POST-03", "A check is waived only in the reviewed plan, with a reason, and lowered only in a rehearsal.",
            "检查只能在审阅过的计划中写明理由豁免，且只能在演练中降低要求。",
            by("plan commands, `preflight`, `wrap`", "计划类命令、`preflight`、`wrap`"),
            act("In production, leave out `--lower`. In the plan, give a reason for each waiver; `no-network` cannot be waived.",
                "正式仪式中请去掉 `--lower`。在计划中为每项豁免写明理由；`no-network` 不得豁免。");
        SANDBOX_CALLS = "KF-SAND-01", "The station forbids itself the system calls that it does not need; one for a network ends it.",
            "离线工作站禁止自身使用不需要的系统调用；任何网络调用都会使其终止。",
            by("`wrap` in production", "正式仪式中的 `wrap`"),
            act("The kernel has no seccomp filters, or another sandbox forbids them: use a Linux kernel of 6.1 or later and start the station outside containers. A station that ended with \"Bad system call\" tried what it must never do: keep program and machine for examination.",
                "内核没有 seccomp 过滤器，或被其他沙箱禁止：请使用 6.1 或更新的 Linux 内核，并在容器之外启动程序。若程序以 “Bad system call” 终止，说明它试图做绝不允许的事：保留程序与机器以备检查。");
        SANDBOX_FOLDERS = "KF-SAND-02", "Once its inputs are read, the station can reach only the folder of its outputs.",
            "读完输入之后，离线工作站只能访问其输出文件夹。",
            by("`wrap` in production", "正式仪式中的 `wrap`"),
            act("The kernel has no Landlock: add `landlock` to its `lsm=` list, or use Linux 6.1 or later.",
                "内核没有 Landlock：请在其 `lsm=` 列表中加入 `landlock`，或使用 Linux 6.1 或更新版本。");
        SANDBOX_PRIVILEGES = "KF-SAND-03", "The station cannot be dumped or read by others, gains no privileges and keeps to its limits.",
            "离线工作站不能被转储或被他人读取，不能获得特权，且受资源上限约束。",
            by("every program at its start (dumps and reading by others); the offline station (the rest)", "所有程序启动时（转储与被他人读取）；离线工作站（其余）"),
            act("Use a Linux kernel of 6.1 or later, and no other sandbox around the station.",
                "请使用 6.1 或更新的 Linux 内核，且不要再套用其他沙箱。");
        SECRET_MEMORY = "KF-MEM-01", "Key material is in secret or locked pages, which never reach swap, a dump or a child process.",
            "密钥材料位于机密内存页或锁定的内存页中，交换区、转储和子进程都得不到它。",
            by("`wrap` in production; `generate`, `encrypt` where no page can be had", "正式仪式中的 `wrap`；无法取得内存页时的 `generate`、`encrypt`"),
            act("Raise the limit on locked memory (`ulimit -l`), or use a kernel with `memfd_secret` (Linux 6.5).",
                "请提高锁定内存的上限（`ulimit -l`），或使用支持 `memfd_secret` 的内核（Linux 6.5）。");
        SEED_PRODUCTION = "KF-SEED-01", "Seeded material is for rehearsals only, and marked.",
            "由种子生成的材料只用于演练，且带有标记。",
            by("`wrap`"),
            act("Leave out `--rehearsal-seed`; in a rehearsal, give exactly 64 hex digits.",
                "请去掉 `--rehearsal-seed`；演练中请给出恰好 64 位十六进制数字。");
    }
}
