// The one list of controls, in the order of `ceremony/operate/controls.md`: name, id, what is required, who refuses, what to do, in English and
// 简体中文. `control.rs` takes the ids and the English requirements; the rest is for the pages alone, and `cargo xtask controls` writes them.

controls! {
    section("Key material", "密钥材料") {
        MAT_LENGTH = "KF-MAT-01", "Key material has a length that its kind of key takes.",
            "密钥材料的长度是其密钥类型所接受的长度。",
            by("`encrypt`, `wrap`"),
            act("Read the hint: it names what the length looks like (line break at the end, base64 text, hex text). Decode or make the material again.",
                "阅读提示：它会指出该长度像是什么（末尾的换行符、base64 文本、十六进制文本）。请解码，或重新生成材料。");
        MAT_TEXT = "KF-MAT-02", "Key material is raw bytes, never hex, base64 or other text.",
            "密钥材料是原始字节，绝不是十六进制、base64 或其他文本。",
            by("`encrypt`"),
            act("Decode the text to raw bytes. A password is not key material.",
                "把文本解码为原始字节。口令不是密钥材料。");
        MAT_ENTROPY = "KF-MAT-03", "Key material is made only when the random generator works.",
            "只有随机数发生器正常工作时才生成密钥材料。",
            by("`generate`, `encrypt`, `wrap`, `emulate`, `rehearse`"),
            act("Do not use this machine. Take another one; nothing was written.",
                "不要使用本机，换一台；没有写出任何内容。");
    }

    section("Contributions to entropy", "附加熵源") {
        ENT_DICE = "KF-ENT-01", "Dice contribute only when they are worth 256 bits.",
            "骰子只有达到 256 位才算作附加熵源。",
            by("`wrap`, `generate`"),
            act("The message has the number of rolls still needed. Roll on; if it says bias or pattern, take another die. Make up none.",
                "消息中写有还需要掷的次数，继续掷即可；若提示有偏差或有规律，请换一颗骰子。不要编造任何一次。");
        ENT_FORM = "KF-ENT-02", "A contribution to entropy is not empty, within its bounds, and named once.",
            "附加熵源不为空，长度在限度之内，且同一种只指定一次。",
            by("`wrap`, `generate`"),
            act("Give a real contribution, or leave its `--entropy` out.",
                "给出真正的内容，或去掉相应的 `--entropy`。");
        ENT_REVEAL = "KF-ENT-03", "An operator reveals exactly what was committed before either revealed.",
            "操作员揭示的内容与双方揭示之前所作的承诺完全一致。",
            by("`wrap`, `generate`"),
            act("Nothing was generated. Compare with the note letter by letter, run again. If it differs for good, that operator makes a new commitment.",
                "尚未生成任何内容。与字条逐字核对后重新运行。若确实不一致，由该操作员重新作出承诺。");
    }

    section("Wrapping key", "包装密钥") {
        KEY_ENCODING = "KF-KEY-01", "A wrapping key is one SPKI, as DER, PEM or base64 of DER.",
            "包装密钥是一个 SPKI，形式为 DER、PEM 或 DER 的 base64。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("The message names what the file really is. Give the `PublicKey` of `GetParametersForImport`.",
                "消息会指出该文件实际是什么。请提供 `GetParametersForImport` 返回的 `PublicKey`。");
        KEY_KIND = "KF-KEY-02", "A wrapping key is an RSA public key: not EC, SM2, private or a certificate.",
            "包装密钥是 RSA 公钥：不是 EC、SM2、私钥或证书。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("Wrong key, or not from the service. Stop and find out where it came from.",
                "密钥不对，或不是来自服务端。停止，查明其来源。");
        KEY_SIZE = "KF-KEY-03", "A wrapping key's modulus is as long as the service makes it.", "包装密钥的模数长度与服务端生成的一致。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("As above. The message names the lengths that the service makes.", "同上。消息会指出服务端生成的长度。");
        KEY_EXPONENT = "KF-KEY-04", "A wrapping key has the exponent 65537.", "包装密钥的指数为 65537。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("As above.", "同上。");
        KEY_TRAILING = "KF-KEY-05", "Nothing stands before or after a wrapping key, and its DER is canonical.",
            "包装密钥前后没有多余内容，且其 DER 为规范编码。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("The file was altered or cut together. Copy it again from its source.",
                "文件被改动过或由多段拼接而成。请从来源处重新复制。");
        KEY_MODULUS = "KF-KEY-06", "A wrapping key's modulus has no small factor.",
            "包装密钥的模数没有小因数。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("It is no real RSA key: stop, treat the online station as suspect, keep the file as evidence.",
                "它不是真正的 RSA 密钥：停止，将在线工作站视为可疑，保留该文件作为证据。");
        WRAP_FAILED = "KF-WRAP-01", "Wrapping yields one RSA block, as long as the modulus, or stops.",
            "包装得到一个与模数等长的 RSA 数据块，否则停止。",
            by("`wrap`, `encrypt`, `import`"),
            act("While wrapping: the machine is not sound, take another one. While importing: copy the file again, else wrap again.",
                "包装时：本机不可信，换一台。导入时：重新复制文件，仍不行则重新包装。");
        WRAP_AGREE = "KF-WRAP-02", "Two implementations of RSA make the same block before it leaves.",
            "密文离开之前，两种 RSA 实现得到相同的数据块。",
            by("`wrap`, `encrypt`"),
            act("One of them computed wrongly: broken memory or processor. Nothing left the machine. Take another one and keep this one for examination.",
                "其中一个计算有误：内存或处理器损坏。没有任何内容离开本机。换一台机器，保留这一台以备检查。");
        SELF_TEST = "KF-SELF-01", "The program gives the known answers before it does anything.",
            "程序在做任何事之前先通过已知答案测试。",
            by("every command", "所有命令"),
            act("The program or the machine is broken. Compare the program's SHA-256 with the release; if it is equal, take another machine.",
                "程序或机器已损坏。将程序的 SHA-256 与发布值核对；如果一致，换一台机器。");
        SELF_RNG = "KF-SELF-02", "The random generator passes its health tests before it is used.",
            "随机数发生器在使用之前通过健康测试。",
            by("every command", "所有命令"),
            act("Do not use this machine: its generator is stuck or heavily biased.",
                "不要使用本机：其发生器卡住，或输出严重偏差。");
    }

    section("Artefacts", "工件") {
        ART_SIZE = "KF-ART-01", "An artefact's length is capped before it is read.",
            "读取工件之前先限制其长度。",
            by("artefact commands", "工件类命令"),
            act("Not an artefact of this ceremony. Compare `sha256sum` with the station that made it.",
                "它不是本次仪式的工件。与制作它的工作站核对 `sha256sum`。");
        ART_SYNTAX = "KF-ART-02", "An artefact is UTF-8 JSON.", "工件是 UTF-8 编码的 JSON。",
            by("artefact commands", "工件类命令"),
            act("The file is damaged. Copy it again, compare `sha256sum`.",
                "文件已损坏。重新复制，并核对 `sha256sum`。");
        ART_FORMAT = "KF-ART-03", "An artefact begins with a known format and version.",
            "工件以已知的格式与版本开头。",
            by("artefact commands", "工件类命令"),
            act("Another file, or made by a later version of keyferry. Give the right file, or use the version that made it.",
                "这是另一个文件，或由更新版本的 keyferry 制作。请提供正确的文件，或使用制作它的版本。");
        ART_FIELDS = "KF-ART-04", "An artefact has exactly the known fields, each well formed.",
            "工件恰好包含已知的字段，且每个字段格式正确。",
            by("artefact commands", "工件类命令"),
            act("Altered by hand or by another program. Copy it again.",
                "被手工或其他程序改动过。请重新复制。");
        ART_CANONICAL = "KF-ART-05", "An artefact is in canonical form, byte for byte.",
            "工件逐字节符合规范形式。",
            by("artefact commands", "工件类命令"),
            act("An editor or a JSON tool rewrote it. Use the original bytes.",
                "被编辑器或 JSON 工具改写过。请使用原始字节。");
        ART_ENTRIES = "KF-ART-06", "An artefact names each key once, and at least one.",
            "工件至少列出一个密钥，且每个密钥只出现一次。",
            by("artefact commands, `export`", "工件类命令、`export`"),
            act("Altered, or tokens and parameters of two sessions were mixed. Use the original files.",
                "被改动过，或混用了两次会话的导入令牌与导入参数。请使用原始文件。");
    }

    section("Plan", "计划") {
        PLAN_SYNTAX = "KF-PLAN-01", "A plan is UTF-8 TOML within its length cap.",
            "计划是长度不超过上限的 UTF-8 TOML。",
            by("plan commands", "计划类命令"),
            act("Is this the plan? Compare `sha256sum` with the paper.",
                "这是该计划吗？请与纸上的 `sha256sum` 核对。");
        PLAN_FORMAT = "KF-PLAN-02", "A plan begins with a known format and version.",
            "计划以已知的格式与版本开头。",
            by("plan commands", "计划类命令"),
            act("Start from `plan.sample.toml` of this version.",
                "请从本版本的 `plan.sample.toml` 开始编写。");
        PLAN_FIELD = "KF-PLAN-03", "A plan has exactly the known fields, each well formed.",
            "计划恰好包含已知的字段，且每个字段格式正确。",
            by("plan commands", "计划类命令"),
            act("Correct the line that is named, review again, start over with the corrected file. Production needs an operator and another person as witness.",
                "更正所指出的那一行，重新审阅，用更正后的文件从头开始。正式仪式需要一名操作员，并由另一人担任见证人。");
        PLAN_DUPLICATE = "KF-PLAN-04", "A plan names each key and each person once, and each person's `ssh_key` is their own.",
            "计划中每个密钥、每个人只出现一次，且每个人的 `ssh_key` 各不相同。",
            by("plan commands", "计划类命令"),
            act("Correct, review again.", "更正，重新审阅。");
        PLAN_KEY_ID = "KF-PLAN-05", "A plan carries the key id of every key before parameters are fetched.",
            "获取导入参数之前，计划中每个密钥都写有密钥 ID。",
            by("`export`, `status`, `inspect`, `wrap`"),
            act("Run `create-key --plan DRAFT --out plan.toml`, review the result, use it.",
                "运行 `create-key --plan DRAFT --out plan.toml`，审阅其结果，然后使用它。");
        PLAN_VALID_TO = "KF-PLAN-06", "A plan chooses every key's expiry explicitly, within the provider's bounds.",
            "计划明确写出每个密钥的过期时间，且在服务商允许的范围内。",
            by("plan commands, `import`", "计划类命令、`import`"),
            act("Write `valid_to = \"never\"` or a UTC time in the future, at most 2038-01-18T16:00:00Z. Review again.",
                "写 `valid_to = \"never\"`，或写一个将来的 UTC 时间，最晚为 2038-01-18T16:00:00Z。重新审阅。");
        PLAN_READY = "KF-PLAN-07", "A plan is judged as a whole before a key exists: what a later command would refuse, and what reviewers should know.",
            "在密钥存在之前对整个计划作出判断：后续命令会拒绝什么，审阅者应当知道什么。",
            by("`plan check`, `create-key`, `export`, `preflight`, `inspect`, `wrap`, `rewrap`"),
            act("`keyferry plan check FILE` lists every finding with its line. Correct the errors, decide about the warnings, review again.",
                "`keyferry plan check FILE` 会列出每一项及其行号。更正错误，对警告作出决定，重新审阅。");
    }

    section("Parameters, at the offline station", "导入参数（离线工作站）") {
        PARAM_CEREMONY = "KF-PARAM-01", "Parameters belong to this ceremony.", "导入参数属于本次仪式。",
            by("`inspect`, `wrap`"),
            act("Wrong medium or wrong plan. Find the right pair.", "介质或计划不对。请找出相配的一对。");
        PARAM_PLAN = "KF-PARAM-02", "Parameters were fetched under exactly this plan.",
            "导入参数正是依据本计划获取的。",
            by("`inspect`, `wrap`"),
            act("The plans differ by at least one byte. Compare `sha256sum plan.toml` on both stations with the paper.",
                "两份计划至少有一个字节不同。请将两个工作站上的 `sha256sum plan.toml` 与纸上的值核对。");
        PARAM_KEY = "KF-PARAM-03", "Parameters name only keys of the plan, in its order.",
            "导入参数只列出计划中的密钥，且顺序相同。",
            by("`inspect`, `wrap`"),
            act("Stop. Find out which file is wrong; export again under the reviewed plan.",
                "停止。查明哪个文件不对；依据审阅过的计划重新导出。");
        PARAM_REGION = "KF-PARAM-04", "Parameters come from the plan's region and provider.",
            "导入参数来自计划所写的地域与服务商。",
            by("`inspect`, `wrap`"),
            act("As above.", "同上。");
        PARAM_ALGORITHM = "KF-PARAM-05", "Parameters are for the plan's wrapping algorithm.",
            "导入参数对应计划所写的包装算法。",
            by("`inspect`, `wrap`"),
            act("As above.", "同上。");
        PARAM_EDITION = "KF-PARAM-06", "A key is of the kind that the plan says, or its region lets expect.",
            "密钥的类型与计划写明的一致；若未写明，则与该地域预期的一致。",
            by("`inspect`, `wrap`, `create-key`, `export`"),
            act("If the service really has a key of another kind there, write its `kind` for the key, review again, export again.",
                "如果该密钥在服务端确实是另一类型，请为它写明 `kind`，重新审阅，重新导出。");
        PARAM_EXPIRED = "KF-PARAM-07", "Nothing is wrapped under parameters that expired, or that claim to live longer than the provider's.",
            "绝不用过期的导入参数，或声称有效期超出服务商规定的导入参数包装。",
            by("`inspect`, `wrap`"),
            act("Is the clock right? If not, `--now`. If yes, export again; if the expiry is too far off then too, find out who answers in the service's place.",
                "时钟准确吗？不准确，用 `--now`；准确，则重新导出；若过期时间仍然过远，请查明是谁在代替服务端应答。");
        PARAM_TIME_LEFT = "KF-PARAM-08", "Wrapping starts only with the plan's minimum time left.",
            "剩余时间不少于计划的最低要求时才开始包装。",
            by("`inspect`, `wrap`"),
            act("Export again for a fresh 24 hours.", "重新导出，以获得新的 24 小时。");
        PARAM_PURPOSE = "KF-PARAM-09", "Rehearsal and production never mix.", "演练与正式仪式绝不混用。",
            by("`create-key`, `export`, `inspect`, `wrap`, `rewrap`, `drill`, `import`, `verify`"),
            act("Wrong medium. Rehearsal media stay out of the room on the day.",
                "介质不对。正式仪式当天，演练介质不得留在房间内。");
        PARAM_DIGEST = "KF-PARAM-10", "The parameters' digest is the one that people compared.",
            "导入参数的摘要就是人们核对过的那一个。",
            by("`wrap`"),
            act("Stop: what arrived is not what left. Copy again; if it still differs, exception sheet and a fresh medium.",
                "停止：收到的与发出的不同。重新复制；若仍不同，填写例外记录表并换一份新介质。");
        PARAM_CLOCK = "KF-PARAM-11", "A clock that contradicts the parameters is put right by a person.",
            "时钟与导入参数矛盾时，由人来确定时间。",
            by("`inspect`, `wrap`"),
            act("Read the time from a witnessed clock, give it with `--now`.",
                "读取一只有见证的钟，用 `--now` 给出该时间。");
    }

    section("Backup, shares, posture, seed", "备份、分片、机器属性、种子") {
        BACKUP_SCHEME = "KF-BACKUP-01", "Nothing is wrapped before a backup exists or the plan chose none.",
            "备份已存在，或计划选择不备份，才会开始包装。",
            by("plan commands, `wrap`", "计划类命令、`wrap`"),
            act("Shares are shown on a terminal: run it on one, or give `--shares files=DIR` or `sheets=DIR`. Without a backup, choose `scheme = \"none\"` with a reason and review again.",
                "分片显示在终端上：请在终端中运行，或给出 `--shares files=DIR` 或 `sheets=DIR`。若不备份，请写 `scheme = \"none\"` 并写明理由，重新审阅。");
        BACKUP_CUSTODIANS = "KF-BACKUP-02", "A plan names as many custodians as shares, or none.",
            "计划中的保管人与分片一样多，或一个也不列。",
            by("`plan check`, `create-key`, `export`, `preflight`, `inspect`, `wrap`, `rewrap`"),
            act("Name one participant with `role = \"custodian\"` a share, or none; review again.",
                "为每个分片各列一位 `role = \"custodian\"` 的参与者，或全部不列；重新审阅。");
        BACKUP_READ_BACK = "KF-BACKUP-03", "A share counts only after it was read back, word for word.",
            "分片逐词读回之后才算数。",
            by("`wrap`"),
            act("Compare the sheet with what was given out; nothing was wrapped for the medium yet. Start over if a sheet is spoilt, and destroy its set.",
                "将纸张与发出的内容核对；尚未为介质包装任何内容。若有纸张写坏，请重新开始，并销毁其所在的一套。");
        BACKUP_STRANDED = "KF-BACKUP-04", "Confirmed shares of a run whose ciphertext is not here are made void only with consent.",
            "若某次运行的密文不在此处，只有经过同意，才会作废其已确认的分片。",
            by("`wrap`"),
            act("`rewrap` makes the ciphertext from those shares. Only if they are lost: answer `Yes` or give `--void-shares`, and destroy them.",
                "可用 `rewrap` 由这些分片制作密文。只有当它们确已丢失时，才回答 `Yes` 或给出 `--void-shares`，并销毁它们。");
        BACKUP_RECORD = "KF-BACKUP-05", "Shares, and what they give, are those that the record committed to.",
            "分片及其恢复出的内容，正是仪式记录所承诺的。",
            by("`rewrap`, `drill`"),
            act("Find the right sheet, record and `escrow.json`: head of the sheet, set, digest. If all are right, a share or file was changed: exception sheet, other shares.",
                "找出正确的纸张、记录和 `escrow.json`：核对纸张抬头、分片组、摘要。若都正确，则有分片或文件被改动：填写例外记录表，改用其他分片。");
        BACKUP_PROVED = "KF-BACKUP-06", "A backup is proved only by a service that holds the same material.",
            "只有持有同一材料的服务端才能证明备份有效。",
            by("`import --prove-backup`"),
            act("\"not what the KMS holds\": treat the key as one without backup, today. Else bring the files of `rewrap`, or leave `--prove-backup` out.",
                "若提示“与 KMS 中的密钥材料不一致”：当天即视该密钥为没有备份。否则请取来 `rewrap` 写出的文件，或去掉 `--prove-backup`。");
        BACKUP_SCREEN = "KF-BACKUP-07", "In production, words of a share appear only on a console of the machine itself.",
            "正式仪式中，分片的词只出现在本机自带的控制台上。",
            by("`wrap`, `rewrap`, `drill`"),
            act("Log in at the machine's own screen and keyboard (tty1), or at its serial console; not over ssh, under sudo, in tmux, screen, script or a window. Do not redirect standard input or standard error. No share was shown.",
                "请在本机的屏幕与键盘（tty1）或其串口控制台上登录；不要通过 ssh 或 sudo，也不要在 tmux、screen、script 或图形窗口中运行。不要重定向标准输入或标准错误。尚未显示任何分片。");
        BACKUP_ALONE = "KF-BACKUP-08", "A share is on the screen for its custodian alone, as a whole, and never for longer than needed.",
            "分片只对其保管人显示，完整显示，且不会超过所需时间。",
            by("`wrap`, `rewrap`, `drill`"),
            act("Enlarge the terminal, or take a smaller font (`setfont`); or give `--shares files=DIR` or `sheets=DIR`. No share was shown.",
                "请放大终端窗口或改用较小的字体（`setfont`），或给出 `--shares files=DIR` 或 `sheets=DIR`。尚未显示任何分片。");
        ESCROW_KEY = "KF-ESCROW-01", "An escrow is opened only with the escrow key that it names.",
            "托管文件只能用它所指明的托管密钥打开。",
            by("`rewrap`, `drill`"),
            act("Give the `escrow.json` of the same run as the shares.",
                "请提供与这些分片同一次运行写出的 `escrow.json`。");
        ESCROW_ENTRY = "KF-ESCROW-02", "An escrow entry opens only whole, for its key and ceremony.",
            "托管条目只有完整，且对应其密钥与仪式，才能打开。",
            by("`rewrap`, `drill`"),
            act("Another copy of `escrow.json`; the record names its digest.",
                "换用 `escrow.json` 的另一份副本；仪式记录中写有其摘要。");
        ESCROW_MATERIAL = "KF-ESCROW-03", "What an escrow entry gives has its check value and commitment.",
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
            act("20 words for 128 bits, 33 for 256. Count them on the paper.",
                "128 位为 20 个单词，256 位为 33 个。请数一下纸上的单词。");
        SHARE_CHECKSUM = "KF-SHARE-03", "A share's checksum is right.", "分片的校验和正确。",
            by("where a share is read", "读取分片之处"),
            act("Compare the words that the message names with the paper, then all of them. Never change the paper.",
                "先核对消息所指的单词，再核对其余全部单词。切勿改动纸张。");
        SHARE_FIELDS = "KF-SHARE-04", "A share's fields do not contradict each other.",
            "分片的各字段互不矛盾。",
            by("where a share is read", "读取分片之处"),
            act("The words are whole, but no sound program made them. Keep the sheet as evidence, use another share.",
                "单词是完整的，但正常的程序不会生成这样的分片。保留该纸作为证据，改用其他分片。");
        SHARE_SET = "KF-SHARE-05", "Only shares of one set are combined.", "只合并同一套分片。",
            by("where shares are combined", "合并分片之处"),
            act("Shares of one set begin with the same two words, those of one group with the same three. Find the right sheet.",
                "同一套分片的前两个单词相同，同一组的前三个单词相同。请找出正确的纸张。");
        SHARE_COUNT = "KF-SHARE-06", "Each share counts once, and none is taken beyond the threshold.",
            "每个分片只计一次，达到门限之后不再接受更多。",
            by("where shares are combined", "合并分片之处"),
            act("Put the sheet back. If two different sheets carry one number, one of them is forged: exception sheet.",
                "请放回该纸。若两张不同的纸使用同一编号，其中一张系伪造：填写例外记录表。");
        SHARE_MISSING = "KF-SHARE-07", "Nothing is recovered from fewer shares than the threshold.",
            "分片少于门限时不恢复任何内容。",
            by("where shares are combined", "合并分片之处"),
            act("The message says how many of which group are missing.", "消息会说明哪一组还缺多少个。");
        SHARE_DIGEST = "KF-SHARE-08", "What shares give is what was shared: their digest agrees.",
            "分片恢复出的正是当初所拆分的：摘要一致。",
            by("where shares are combined", "合并分片之处"),
            act("One of them is forged, or of another sharing. Exception sheet; try other shares.",
                "其中一个系伪造，或属于另一次拆分。填写例外记录表；试用其他分片。");
        SHARE_SCHEME = "KF-SHARE-09", "Groups, thresholds and counts stay within SLIP-39's bounds.",
            "组数、门限与分片数不超出 SLIP-39 的范围。",
            by("where shares are made", "制作分片之处"),
            act("Correct the numbers in the plan, review again.", "更正计划中的数字，重新审阅。");
        SHARE_PASSPHRASE = "KF-SHARE-10", "A passphrase for shares is printable ASCII.",
            "分片的口令由可显示的 ASCII 字符组成。",
            by("where a passphrase is typed", "输入口令之处"),
            act("Switch the input method off and type it again.", "关闭输入法，重新输入。");
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
            act("A check that this version cannot make: take it out of `[posture]`, make it by hand as the runbook says, review again.",
                "本版本无法做该项检查：请从 `[posture]` 中去掉它，按操作手册人工检查，并重新审阅。");
        POSTURE_HOLDS = "KF-POST-02", "No secret exists before every required property of the machine holds.",
            "在要求的每一项机器属性都满足之前，不产生任何机密。",
            by("`preflight`, `wrap`, `rewrap`, `drill`, `generate`"),
            act("The hint says how to mend the first one; `preflight` shows all. Mend the machine or take another; what it cannot have is waived in the plan, with a reason and a review. For `no-network` the program must see the machine's own network: start it outside containers and namespaces.",
                "提示说明如何整改第一项；`preflight` 列出全部。整改本机或换一台；确实无法满足的，在计划中写明理由豁免并重新审阅。对于 `no-network`，程序必须能看到本机自身的网络：请不要在容器或命名空间中启动。");
        POSTURE_WAIVER = "KF-POST-03", "A check is waived only in the reviewed plan, with a reason, and lowered only in a rehearsal.",
            "检查只能在审阅过的计划中写明理由豁免，且只能在演练中降低要求。",
            by("plan commands, `preflight`, `wrap`", "计划类命令、`preflight`、`wrap`"),
            act("In production leave `--lower` out. In the plan give each waiver its reason; `no-network` has none.",
                "正式仪式中请去掉 `--lower`。在计划中为每项豁免写明理由；`no-network` 不得豁免。");
        SANDBOX_CALLS = "KF-SAND-01", "The station forbids itself the system calls that it does not need; one for a network ends it.",
            "离线工作站禁止自身使用不需要的系统调用；任何网络调用都会使其终止。",
            by("`wrap` in production", "正式仪式中的 `wrap`"),
            act("The kernel has no seccomp filters, or another sandbox forbids them: use a Linux kernel of 6.1 or later and start the station outside containers. A station that ended with \"Bad system call\" tried what it must never do: keep program and machine for examination.",
                "内核没有 seccomp 过滤器，或被其他沙箱禁止：请使用 6.1 或更新的 Linux 内核，并在容器之外启动程序。若程序以 “Bad system call” 终止，说明它试图做绝不允许的事：保留程序与机器以备检查。");
        SANDBOX_FOLDERS = "KF-SAND-02", "Once its inputs are read, the station reaches the folder of its outputs alone.",
            "读完输入之后，离线工作站只能访问其输出文件夹。",
            by("`wrap` in production", "正式仪式中的 `wrap`"),
            act("The kernel has no Landlock: add `landlock` to its `lsm=` list, or use Linux 6.1 or later.",
                "内核没有 Landlock：请在其 `lsm=` 列表中加入 `landlock`，或使用 Linux 6.1 或更新版本。");
        SANDBOX_PRIVILEGES = "KF-SAND-03", "The station cannot be dumped or read by others, gains no privileges and keeps to its limits.",
            "离线工作站不能被转储或被他人读取，不能获得特权，且受资源上限约束。",
            by("every program at its start (dumps and reading by others); the offline station (the rest)", "所有程序启动时（转储与被他人读取）；离线工作站（其余）"),
            act("Use a Linux kernel of 6.1 or later, and no other sandbox around the station.",
                "请使用 6.1 或更新的 Linux 内核，且不要再套用其他沙箱。");
        SECRET_MEMORY = "KF-MEM-01", "Key material stands in secret or locked pages, which no swap, dump or child process gets.",
            "密钥材料位于机密内存页或锁定的内存页中，交换区、转储和子进程都得不到它。",
            by("`wrap` in production; `generate`, `encrypt` where no page can be had", "正式仪式中的 `wrap`；无法取得内存页时的 `generate`、`encrypt`"),
            act("Raise the limit on locked memory (`ulimit -l`), or use a kernel with `memfd_secret` (Linux 6.5).",
                "请提高锁定内存的上限（`ulimit -l`），或使用支持 `memfd_secret` 的内核（Linux 6.5）。");
        SEED_PRODUCTION = "KF-SEED-01", "Seeded material is for rehearsals only, and marked.",
            "由种子生成的材料只用于演练，且带有标记。",
            by("`wrap`"),
            act("Leave `--rehearsal-seed` out; in a rehearsal give exactly 64 hex digits.",
                "请去掉 `--rehearsal-seed`；演练中请给出恰好 64 位十六进制数字。");
    }

    section("Ciphertext, at the online station", "密文（在线工作站）")
    note("Nothing was sent when one of these refuses. One bad entry refuses the whole file.",
         "以下任何一项拒绝时，都没有发送任何请求。一个条目有误，整个文件都会被拒绝。") {
        CIPHER_CEREMONY = "KF-CIPHER-01", "Ciphertext belongs to this ceremony.", "密文属于本次仪式。",
            by("`import`"),
            act("Wrong medium or wrong session. Find the right pair.", "介质或会话不对。请找出相配的一对。");
        CIPHER_PARAMETERS = "KF-CIPHER-02", "Ciphertext was made for exactly these parameters.",
            "密文正是为这些导入参数制作的。",
            by("`import`"),
            act("An older file, or another export. Bring the one made from this session's parameters.",
                "这是旧文件，或来自另一次导出。请取来由本会话的参数制作的密文。");
        CIPHER_KEY = "KF-CIPHER-03", "Ciphertext names only keys of these parameters, in their order.",
            "密文只列出这些参数中的密钥，且顺序相同。",
            by("`import`"),
            act("Altered. Copy again, compare the digest with the offline station.",
                "被改动过。重新复制，并与离线工作站核对摘要。");
        CIPHER_WRAPPING_KEY = "KF-CIPHER-04", "Ciphertext was wrapped to the fetched wrapping key.",
            "密文是用所获取的包装密钥包装的。",
            by("`import`"),
            act("Stop: somebody put another public key in. Exception sheet, keep both files.",
                "停止：有人换入了另一个公钥。填写例外记录表，保留两个文件。");
        CIPHER_BINDING = "KF-CIPHER-05", "Each ciphertext entry is whole and belongs to its key.",
            "每个密文条目都完整，且属于其密钥。",
            by("`import`"),
            act("Swapped or altered. Copy again; if the digest is equal at the offline station, wrap again.",
                "被调换或改动过。重新复制；若摘要与离线工作站一致，则重新包装。");
        CIPHER_PURPOSE = "KF-CIPHER-06", "A production run refuses what a rehearsal made.",
            "正式仪式拒绝演练的产物。",
            by("`import`"),
            act("Wrong medium. Bring the ciphertext of this ceremony.", "介质不对。请取来本次仪式的密文。");
        CIPHER_DIGEST = "KF-CIPHER-07", "The ciphertext's digest, and the head of the record that came with it, are those that people compared.",
            "密文的摘要，以及随之而来的记录的链尾摘要，就是人们核对过的那些。",
            by("`import`"),
            act("Stop: what arrived is not what left. Copy again and compare.",
                "停止：收到的与发出的不同。重新复制并核对。");
        CIPHER_EXPIRED = "KF-CIPHER-08", "Nothing is imported with an expired import token.",
            "导入令牌过期后不再导入。",
            by("`import`"),
            act("Export again, wrap again.", "重新导出，重新包装。");
        CIPHER_LAST = "KF-CIPHER-09", "The ciphertext is the last one that its record names; in production there is such a record.",
            "密文是其记录中最后列出的那一份；正式仪式中必须有这样的记录。",
            by("`import`"),
            act("A later run made another, or the record is of another run. Bring both files of the last run.",
                "之后的运行生成了另一份密文，或记录属于另一次运行。请取来最后一次运行的两个文件。");
        CIPHER_ESCROW = "KF-CIPHER-10", "The escrow that the record names is here before anything is imported.",
            "记录所列的托管文件已在此处，然后才导入。",
            by("`import`"),
            act("Bring `escrow.json` from the offline station's medium, or by `show` and `receive`. Without it the shares open nothing: keep the medium.",
                "请从离线工作站的介质取来 `escrow.json`，或用 `show` 与 `receive` 传递。没有它，分片无法打开任何内容：请保留介质。");
    }

    section("Consent and record", "同意与记录") {
        CONSENT = "KF-CONSENT-01", "A person types exactly Yes, or the digest is given to compare with.",
            "由人准确输入 Yes，或给出用于比对的摘要。",
            by("`create-key`, `export`, `wrap`, `rewrap`, `drill`, `import`"),
            act("Compare every digest that is shown again, run the same command, type `Yes`: capital Y, nothing else. A script gives `--expect-digest` (`--expect-plan` to `create-key` and `export`), and `--expect-head` for each record that is found.",
                "再次核对所显示的每个摘要，运行同一命令，输入 `Yes`：大写 Y，不带其他内容。脚本请给出 `--expect-digest`（`create-key` 与 `export` 用 `--expect-plan`），并为所见的每份记录给出 `--expect-head`。");
        CONSENT_ALIAS = "KF-CONSENT-02", "A key is taken out of use only after its alias was typed.",
            "只有输入密钥的别名之后，才会停用密钥。",
            by("`delete-material`, `schedule-deletion`, `disable`"),
            act("Nothing was done. Look at the key with `status`; type its alias letter by letter, or leave it.",
                "未做任何操作。用 `status` 查看该密钥；逐字母输入其别名，或就此作罢。");
        SECRET_TYPED = "KF-CONSENT-03", "A secret is typed unseen, as whole lines within their cap.",
            "机密在不显示的情况下键入，整行输入且不超过上限。",
            by("`wrap`, `generate`"),
            act("Run the command again at the machine's own console. If it was killed while somebody typed: `stty sane`.",
                "在本机自带的控制台上重新运行命令。如果命令在有人键入时被终止：运行 `stty sane`。");
        CONSENT_TWO = "KF-CONSENT-04", "In production a key is taken out of use only in a record, after an operator and a witness agreed.",
            "在正式仪式中，只有操作员与见证人均同意并记入记录之后，才会停用密钥。",
            by("`delete-material`, `schedule-deletion`, `disable`"),
            act("Nothing was done. Give `--transcript ARCHIVE/life.jsonl`; each of the two types the alias and then `Yes`. Where it cannot wait, the account's administrator disables the key in the provider's console: exception sheet.",
                "未做任何操作。请给出 `--transcript ARCHIVE/life.jsonl`；两人各自输入别名，再输入 `Yes`。若不能等待，由云账号管理员在服务商控制台停用该密钥：填写例外记录表。");
        TRANSCRIPT_CHAIN = "KF-TRANS-01", "A transcript's hash chain is unbroken.",
            "仪式记录的哈希链没有断裂。",
            by("`verify`, `create-key`, `export`, `wrap`, `import`"),
            act("Keep the file as evidence, do not edit it. Compare with the copy on the other medium. Each ceremony has its own folder.",
                "保留该文件作为证据，不要编辑。与另一介质上的副本比较。每次仪式各用一个文件夹。");
        TRANSCRIPT_EVENT = "KF-TRANS-02", "Each transcript line is one well-formed event.",
            "仪式记录的每一行都是一个格式正确的事件。",
            by("`verify`, `create-key`, `export`, `wrap`, `import`"),
            act("As above. An incomplete last line is cut off and recorded by the next station command.",
                "同上。不完整的末行会由工作站的下一个命令截去，并记入仪式记录。");
        NOTE = "KF-TRANS-03", "A note is one printable line, by a named person, in a record that exists and is not signed yet.",
            "备注是一行可显示的文字，由写明姓名的人加入已存在且尚未签名的仪式记录。",
            by("`note`"),
            act("Say it shorter or in several notes; write the name as in the plan; give the transcript of the ceremony that has begun. A signed record: write it on paper.",
                "写得简短些，或分成几条；按计划中的写法填写姓名；请给出已经开始的仪式的记录文件。记录已签名时，请写在纸上。");
        TRANSCRIPT_OPENING = "KF-TRANS-04", "Names are withheld only where the plan says so, and an opening gives what was committed to.",
            "只有计划规定时才可不公开姓名，且所披露的内容与承诺一致。",
            by("`verify`, `report`, `wrap`, `rewrap`, `note`, `show`, `receive`"),
            act("Keep the file as evidence, do not edit it. Compare openings.jsonl with the copy on the other medium; without the file the names are withheld.",
                "保留该文件作为证据，不要编辑。将 openings.jsonl 与另一介质上的副本比较；没有该文件时姓名不公开。");
        VERIFY_FILES = "KF-VERIFY-01", "A record's folder holds every file that its transcript names.",
            "仪式档案的文件夹包含仪式记录提到的每个文件。",
            by("`verify`, `report`, `sign`"),
            act("Put `plan.toml`, `parameters.json`, `ciphertext.json`, `transcript.jsonl` and `signatures/` of one ceremony into one folder.",
                "把同一仪式的 `plan.toml`、`parameters.json`、`ciphertext.json`、`transcript.jsonl` 和 `signatures/` 放入同一个文件夹。");
        VERIFY_PLAN = "KF-VERIFY-02", "Every command of a record ran under the record's plan.",
            "档案中的每个命令都依据该档案的计划运行。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder as evidence. Find the plan whose digest the transcript names; each plan has its own ceremony and its own record.",
                "保留该文件夹作为证据。找出摘要与仪式记录相符的计划；每份计划各有自己的仪式与档案。");
        VERIFY_PURPOSE = "KF-VERIFY-03", "A record has one purpose from plan to proof, and the expected one.",
            "档案从计划到验证只有一种用途，且正是所期望的。",
            by("`verify`, `report`, `sign`"),
            act("This record is no evidence for what you look for. Find out who called a rehearsal a production ceremony.",
                "该档案不能证明您要查证的事项。查明是谁把演练称作正式仪式。");
        VERIFY_PARAMETERS = "KF-VERIFY-04", "A record's parameters are those that were exported, checked and confirmed.",
            "档案中的导入参数正是所导出、检查并确认的。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder. Compare `sha256sum parameters.json` with the transcript and the paper; take the other copy.",
                "保留该文件夹。将 `sha256sum parameters.json` 与仪式记录和纸上的值核对；改用另一份副本。");
        VERIFY_CIPHERTEXT = "KF-VERIFY-05", "A record's ciphertext is the one that was written, checked and confirmed.",
            "档案中的密文正是所写出、检查并确认的。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder. Compare `sha256sum ciphertext.json` with the transcript and the paper; take the other copy.",
                "保留该文件夹。将 `sha256sum ciphertext.json` 与仪式记录和纸上的值核对；改用另一份副本。");
        VERIFY_KEY = "KF-VERIFY-06", "Each key is proved with what was generated, wrapped and imported for it.",
            "每个密钥的验证，针对的正是为它生成、包装并导入的材料。",
            by("`verify`, `report`, `sign`"),
            act("The key is named: compare its lines in the transcript with plan, parameters and ciphertext. Do not rely on this record for it.",
                "消息会指出密钥：将它在仪式记录中的各行与计划、参数和密文核对。不要以该档案作为该密钥的依据。");
        VERIFY_END = "KF-VERIFY-07", "A record ends where its ceremony ended.", "档案在其仪式结束之处结束。",
            by("`verify`, `report`, `sign`"),
            act("Take the transcript that came back last. If the ceremony was stopped, finish it or keep the record as that of a stopped ceremony.",
                "请使用最后带回的仪式记录。若仪式曾被中止，请完成它，或将该档案作为被中止的仪式的档案保存。");
        VERIFY_SIGNATURE = "KF-VERIFY-08", "A signature is of this very record, by somebody whose key is in the plan.",
            "签名针对的正是本记录，且由计划中列有公钥的人作出。",
            by("`verify`, `report`, `sign`"),
            act("Take the `.sig` file that `ssh-keygen` wrote, unchanged. If the transcript is right, the person signs again.",
                "请使用 `ssh-keygen` 写出的 `.sig` 文件，不要改动。若仪式记录无误，由该人重新签名。");
        VERIFY_SIGNER = "KF-VERIFY-09", "Everybody whose key is in the plan has signed.",
            "计划中列有公钥的每个人都已签名。",
            by("`verify`, `report`"),
            act("Let the person sign: `keyferry sign DIR` prints how.",
                "请该人签名：`keyferry sign DIR` 会说明方法。");
        VERIFY_PREVIOUS = "KF-VERIFY-10", "The record before, for the same key, is the one that the plan names.",
            "同一密钥的前一份档案，正是计划所指明的那一份。",
            by("`verify --previous`"),
            act("Give the folder of the record whose head stands in the plan as `previous_record`.",
                "请给出链尾摘要在计划中写为 `previous_record` 的那份档案的文件夹。");
        VERIFY_HEAD = "KF-VERIFY-11", "The head of a record is the one that people wrote down.",
            "档案的链尾摘要就是人们写下的那一个。",
            by("`verify --expect-head`"),
            act("Compare with the paper once more. If it differs, this is not the whole record of that day.",
                "请再次与纸上的内容核对。若不同，这就不是当天的完整档案。");
        VERIFY_BACKUP = "KF-VERIFY-12", "A record's backup is its plan's: every share read back and the escrow written, before the ciphertext.",
            "档案的备份与计划相符：在密文之前，每个分片都已读回，托管文件也已写出。",
            by("`verify`, `report`"),
            act("The record is no evidence of a backup. Take `escrow.json` and `drills.jsonl` of the same ceremony; if they are, fill in an exception sheet and hold a drill.",
                "该档案不能作为备份的证据。请使用同一仪式的 `escrow.json` 与 `drills.jsonl`；若确为同一仪式，请填写例外记录表并举行一次恢复演习。");
        VERIFY_COURSE = "KF-VERIFY-13", "A record has the lines that its commands write: all of them, in order, each by its station.",
            "档案包含各命令所写的全部行：次序正确，且由相应的工作站写入。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder as evidence. Compare with the other copy: somebody left out, moved or repeated a line.",
                "请将该文件夹作为证据保留，并与另一份副本比较：有人删去、移动或重复了某一行。");
        VERIFY_MACHINE = "KF-VERIFY-14", "The offline machine was as the plan requires, less what the plan waives.",
            "离线机器符合计划的要求（计划豁免的除外）。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder as evidence. Nothing shows that the material was made on a machine as planned: treat it as exposed.",
                "请将该文件夹作为证据保留。没有证据表明材料是在符合计划的机器上生成的：应视其为已泄露。");
        VERIFY_CLOCK = "KF-VERIFY-15", "Somebody confirmed the time while the parameters were valid, and the clocks of both stations agree.",
            "参数有效期内有人确认了时间，且两台工作站的时钟相符。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder as evidence. Find out which clock was wrong, and whether these lines were written when they say.",
                "请将该文件夹作为证据保留。请查明哪个时钟有误，以及这些行是否在所述时间写入。");
        VERIFY_SUMS = "KF-VERIFY-16", "An archive's files are those whose digests its `SHA256SUMS` lists.",
            "档案的文件与其 `SHA256SUMS` 所列的摘要相符。",
            by("`verify`, `report`, `sign`"),
            act("This copy is damaged or was changed. Take the other copy; keep this one until it is known why.",
                "该副本已损坏或被改动。请使用另一份副本；保留这一份，直到查明原因。");
        VERIFY_LIFE = "KF-VERIFY-17", "What was done to a key after the ceremony was agreed to by those whom the plan names, and is what its command does.",
            "仪式之后对密钥的操作，须经计划所列人员同意，且与其命令相符。",
            by("`verify`, `sign`, `report`, `archive`"),
            act("Keep the archive as it is. Compare `life.jsonl` with the provider's audit log and with the heads on paper, and find out who did what.",
                "保持档案原样。将 `life.jsonl` 与服务商的审计日志以及纸上的链尾摘要核对，查明是谁做了什么。");
        ARCHIVE_ONE = "KF-ARCHIVE-01", "An archive is of one ceremony: no two copies of a file differ.",
            "一份档案只属于一次仪式：同一文件的各份副本没有差异。",
            by("`archive`"),
            act("Find out which copy is of this ceremony, by `sha256sum` and the paper. Leave the other folder out, and keep it.",
                "请用 `sha256sum` 与纸上的内容查明哪一份属于本次仪式。不再给出另一个文件夹，并将其保留。");
        SIGN_KEY = "KF-SIGN-01", "A record is signed with the key of one person in its plan.",
            "档案用其计划中某一个人的密钥签名。",
            by("`sign`, `allowed-signers`"),
            act("Give the key whose `.pub` line stands in the plan, and its passphrase; a key in a token signs with `ssh-keygen`.",
                "请给出其 `.pub` 行写在计划中的密钥及其口令；硬件令牌（USB Key）中的密钥用 `ssh-keygen` 签名。");
    }

    section("Files", "文件") {
        FILE_EXISTS = "KF-FILE-01", "No output is ever overwritten, except by `status --prometheus` its own earlier file.",
            "绝不覆盖任何输出文件；例外仅有 `status --prometheus` 自己先前写出的文件。",
            by("every command that writes", "所有写出文件的命令"),
            act("Keep the old file. Give another name or folder, or move the old one away yourself.",
                "保留旧文件。另选文件名或文件夹，或自行移走旧文件。");
        FILE_READ = "KF-FILE-02", "An input can be read.", "输入文件可以读取。",
            by("every command that reads", "所有读取文件的命令"),
            act("Check the path, and that the medium is mounted.", "检查路径，以及介质是否已挂载。");
        FILE_SPACE = "KF-FILE-03", "Room for everything that a run writes is made sure of before anything is made that cannot be made again.",
            "在生成任何无法重来的内容之前，先确认本次运行要写入的一切都有足够空间。",
            by("every command that writes", "所有写出文件的命令"),
            act("Make space on the medium, or use one with more, then run the command again. If the message names a limit on files, lift it with `ulimit -f unlimited`.",
                "在介质上腾出空间，或换用空间更大的介质，然后重新运行命令。若消息指出文件大小限制，请用 `ulimit -f unlimited` 解除。");
        FILE_PERMISSION = "KF-FILE-04", "An output folder can be written.", "输出文件夹可以写入。",
            by("every command that writes", "所有写出文件的命令"),
            act("Make the folder first; check its owner and mode. If the file system is read-only: after a power cut or a pulled medium, unmount it and run `fsck.vfat -a DEVICE` (exFAT: `fsck.exfat -y`; ext4: `e2fsck -p`), mount it, and run the same command again; otherwise check the write-protect switch and the mount options.",
                "请先建立文件夹；检查其所有者与权限。若文件系统为只读：断电或拔出介质之后，请卸载介质，运行 `fsck.vfat -a 设备`（exFAT：`fsck.exfat -y`；ext4：`e2fsck -p`），重新挂载，再次运行同一命令；否则检查写保护开关与挂载选项。");
        FILE_READ_BACK = "KF-FILE-05", "An output read back is what was written.",
            "回读的输出与写入的内容一致。",
            by("every command that writes", "所有写出文件的命令"),
            act("The medium is faulty. Destroy it after the ceremony, take another one.",
                "介质有故障。仪式之后将其销毁，换用另一份。");
        FILE_SIZE = "KF-FILE-06", "An input's length is capped before it is read.",
            "读取输入之前先限制其长度。",
            by("every command that reads", "所有读取文件的命令"),
            act("Not the right file. Compare `sha256sum`.", "文件不对。核对 `sha256sum`。");
        FILE_KIND = "KF-FILE-07", "Inputs are regular files and outputs go into folders.",
            "输入是普通文件，输出写入文件夹。",
            by("every command", "所有命令"),
            act("Give a regular file, not a folder, pipe or device.",
                "请给出普通文件，而不是文件夹、管道或设备。");
        FILE_OTHER = "KF-FILE-08", "Any other failure of a file or device is named.",
            "文件或设备的其他任何故障都会指明。",
            by("every command", "所有命令"),
            act("Check the medium and its reader. If the device failed, run `fsck.vfat -a DEVICE` (exFAT: `fsck.exfat -y`; ext4: `e2fsck -p`) before it is mounted again; then run the same command again. Mount a FAT medium with `-t vfat`, not with `-t msdos`.",
                "检查介质与读取设备。若设备出错，重新挂载之前请运行 `fsck.vfat -a 设备`（exFAT：`fsck.exfat -y`；ext4：`e2fsck -p`）；然后再次运行同一命令。FAT 介质请以 `-t vfat` 而不是 `-t msdos` 挂载。");
        FILE_PRIVATE = "KF-FILE-09", "Files with secrets, sessions and the journal belong to the user who reads them, and nobody else can read or change them; the journal is never on the medium that crosses.",
            "含有机密的文件、会话文件与操作台账属于读取它的用户，其他人既不能读取也不能修改；操作台账绝不放在传递的介质上。",
            by("`sign`, `encrypt`, `wrap` and `generate` with `--entropy file=`, credential files, online", "`sign`、`encrypt`、使用 `--entropy file=` 的 `wrap` 与 `generate`、凭证文件、在线工作站"),
            act("`chmod 600` the file, and ask who could have read it. On a medium without permissions, copy it to a folder of your own first; to write there, name another folder, or mount the medium with -o umask=077.",
                "对该文件运行 `chmod 600`，并查明谁可能读取过它。若介质不支持权限，请先复制到自己的文件夹；若要写入，请另选文件夹，或以 -o umask=077 挂载介质。");
    }

    section("QR frames", "二维码帧")
    note("A frame that is refused costs nothing: `receive` counts it and waits for the next one.",
         "被拒绝的帧没有任何损失：`receive` 将其计数，然后等待下一帧。") {
        FRAME_DIGITS = "KF-FRAME-01", "A scanned line is a frame only as decimal digits in their one form.",
            "扫描到的行只有写成唯一形式的十进制数字时才是帧。",
            by("`receive`"),
            act("Scan a symbol of keyferry. Set the hand scanner to send digits unchanged, without prefix, with a line end.",
                "请扫描 keyferry 的二维码。将扫描枪设为原样发送数字，不加前缀，以换行结尾。");
        FRAME_VERSION = "KF-FRAME-02", "A frame has a known version and no unknown flags.",
            "帧具有已知的版本，且没有未知标志。",
            by("`receive`"),
            act("Use the same version of keyferry at both stations.",
                "两个工作站请使用同一版本的 keyferry。");
        FRAME_CHECKSUM = "KF-FRAME-03", "A frame's checksum is right.", "帧的校验和正确。",
            by("`receive`"),
            act("Go on scanning. If most are damaged: clean the scanner, dim the screen, take smaller symbols.",
                "继续扫描。若多数损坏：清洁扫描器，调暗屏幕，改用较小的二维码。");
        FRAME_LAYOUT = "KF-FRAME-04", "A frame's length, block and number of blocks fit together.",
            "帧的长度、分块与分块数目相互吻合。",
            by("`receive`"),
            act("Find out where that symbol comes from. Scan only the other station's screen or sheet.",
                "查明该二维码的来源。只扫描另一工作站的屏幕或纸张。");
        FRAME_CAPACITY = "KF-FRAME-05", "What is shown as QR symbols fits into 512 frames.",
            "以二维码显示的内容不超过 512 帧。",
            by("`show`"),
            act("Take larger symbols, or carry the file on a medium.",
                "改用较大的二维码，或用介质携带文件。");
        SHOW_PUBLIC = "KF-SHOW-01", "Only the files that cross are shown as symbols, whole; nothing secret is.",
            "只有需要传递的文件才以二维码显示，且必须完整；机密绝不显示。",
            by("`show`"),
            act("Show plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl. If it is one of them, copy it again from its maker.",
                "请显示 plan.toml、parameters.json、ciphertext.json、escrow.json、transcript.jsonl 或 openings.jsonl。如果它就是其中之一，请从制作它的工作站重新复制。");
        SHOW_FITS = "KF-SHOW-02", "A symbol is shown only where it fits, with its light margin.",
            "只在放得下二维码及其浅色边框之处显示。",
            by("`show`"),
            act("Make the window larger or its font smaller, or write a page with `--html` or a picture with `--png`.",
                "放大窗口或缩小字体，或用 `--html` 写出网页、用 `--png` 写出图片。");
        SHOW_TERMINAL = "KF-SHOW-03", "Symbols are drawn on a terminal alone.", "二维码只绘制在终端上。",
            by("`show`"),
            act("Run it in a terminal, or write a file: `--html`, `--png`, `--svg` or `--print`.",
                "请在终端中运行，或写出文件：`--html`、`--png`、`--svg` 或 `--print`。");
        RECEIVE_WHOLE = "KF-RECV-01", "A file is received whole, or nothing is written.",
            "文件完整收到之后才写出，否则什么也不写。",
            by("`receive`"),
            act("Run it again and scan longer: any frames that are missing will do, in any order.",
                "重新运行并继续扫描：补足任意尚缺的帧即可，顺序不限。");
        RECEIVE_KIND = "KF-RECV-02", "Only the files that cross are received, whole and well formed.",
            "只接收需要传递的文件，且必须完整、格式正确。",
            by("`receive`"),
            act("Look what the other station shows. Secrets and files of others never cross.",
                "核对另一工作站显示的内容。机密和他人的文件绝不传递。");
        RECEIVE_TERMINAL = "KF-RECV-03", "A hand scanner's lines are taken from a terminal that cuts none.",
            "扫描枪的输入行只取自不截断长行的终端。",
            by("`receive`"),
            act("Scan into a file and give it with `--from`, or pipe the lines in.",
                "扫描到文件中并用 `--from` 指定，或通过管道送入。");
    }

    section("Credentials, network, service", "凭证、网络、服务端") {
        CRED_MISSING = "KF-CRED-01", "Credentials come from the environment or the vendor's files.",
            "凭证来自环境变量或官方工具的凭证文件。",
            by("online, `emulate`", "在线工作站、`emulate`"),
            act(include!("../../provider/credentials.rs"));
        CRED_MALFORMED = "KF-CRED-02", "Credentials are whole and unpadded.",
            "凭证完整，且前后没有空白字符。",
            by("online", "在线工作站"),
            act("Look for a missing half, a space or a line break at an end.",
                "检查是否缺了一半，或末尾有空格或换行符。");
        CRED_EXPOSED = "KF-CRED-03", "A credential file is readable by its owner alone.",
            "凭证文件只有所有者可以读取。",
            by("online", "在线工作站"),
            act("`chmod 600` the file, and ask who could have read it.",
                "对该文件运行 `chmod 600`，并查明谁可能读取过它。");
        CRED_ROLE = "KF-CRED-04", "Credentials of a role or a profile are of a known kind, whole and fresh.",
            "角色或配置的凭证属于已知类型，完整且未过期。",
            by("online", "在线工作站"),
            act("The message names what is missing, or the end that is too near. Sign in again (`tccli auth login`), or fetch temporary credentials with the vendor's tools and give them in the environment.",
                "消息会指出缺少什么，或哪个失效时间太近。请重新登录（`tccli auth login`），或用官方工具获取临时凭证并通过环境变量给出。");
        SESSION_APART = "KF-CRED-05", "Import tokens are never on the medium that crosses.",
            "导入令牌绝不放在传递的介质上。",
            by("`export`, `import`"),
            act("Give `--session` a file on this station's own disk, outside `--out`. If a session was on a medium, export again: the people who had the medium may have the tokens.",
                "用 `--session` 指定本工作站自有磁盘上、`--out` 之外的文件。若会话文件曾在介质上，请重新导出：拿到过介质的人就拿到了导入令牌。");
        NET_ENDPOINT = "KF-NET-01", "Production speaks HTTPS to the provider's hosts; a rehearsal speaks to loopback only; where the plan names an endpoint, to no other.",
            "正式仪式用 HTTPS 连接服务商的主机；演练只连接本机回环地址；计划写明接入地址时，只连接该地址。",
            by("online, `emulate`", "在线工作站、`emulate`"),
            act("Production: leave `--endpoint` and `KEYFERRY_ENDPOINT` out. Rehearsal: start `keyferry emulate` and name its address. A plan with an `endpoint`: leave both out, or have the plan reviewed again with the right one.",
                "正式仪式：去掉 `--endpoint` 与 `KEYFERRY_ENDPOINT`。演练：启动 `keyferry emulate` 并指定其地址。计划写明 `endpoint` 时：两者都不要指定，或将计划改为正确的地址后重新审阅。");
        NET_FAILED = "KF-NET-02", "A request that got no answer is named as such.",
            "没有得到应答的请求会如实指明。",
            by("online", "在线工作站"),
            act("\"Was not sent\": nothing was done; the message names the cause (name, proxy, certificate, clock). \"Got no answer\": check the network, and ask `status` before repeating: an import may have arrived. Importing the same material again is harmless.",
                "“未发出”：未做任何操作；消息会指明原因（域名、代理、证书、时钟）。“没有得到应答”：检查网络，重试之前先运行 `status`：导入请求可能已经送达。重复导入同一材料无害。");
        NET_REPLY = "KF-NET-03", "A reply is a well-formed answer to the request.",
            "应答是对该请求的格式正确的回答。",
            by("online", "在线工作站"),
            act("Something between station and service answered. Check proxy and endpoint; do not go on until it is explained.",
                "应答来自工作站与服务端之间的某个环节。检查代理与接入地址；查明之前不要继续。");
        KMS_REFUSED = "KF-KMS-01", "A refusal by the service is translated to cause and next step.",
            "服务端的拒绝会译为原因与下一步。",
            by("online", "在线工作站"),
            act("Do what the hint says; it names who acts. Note the request id.",
                "照提示做；提示写明由谁来做。记下请求 ID。");
        KMS_NOT_EXTERNAL = "KF-KMS-02", "Only keys of origin EXTERNAL are exported.",
            "只导出来源为 EXTERNAL 的密钥。",
            by("`create-key`, `export`, `import`"),
            act("Check the key id in the plan; else create an EXTERNAL key and review again.",
                "核对计划中的密钥 ID；否则创建一个 EXTERNAL 密钥并重新审阅。");
        KMS_STATE = "KF-KMS-03", "Material is imported only into a key in a state that takes it.",
            "只向处于可导入状态的密钥导入材料。",
            by("`create-key`, `export`, `import`"),
            act("Enable the key or cancel its deletion if the plan still wants it, then run the command again.",
                "若计划仍需要该密钥，请启用它或取消删除，然后重新运行命令。");
        KMS_ALIAS = "KF-KMS-04", "A key's alias in the service is the plan's.",
            "密钥在服务端的别名与计划相同。",
            by("`create-key`, `export`, `import`"),
            act("Wrong key id, or the alias was changed. Find out which, correct, review again.",
                "密钥 ID 不对，或别名被改过。查明是哪一种，更正并重新审阅。");
        KMS_TRANSITION = "KF-KMS-05", "A key is changed only from a state that allows the change.",
            "只有密钥的状态允许时才更改它。",
            by("`delete-material`, `schedule-deletion`, `cancel-deletion`, `enable`, `disable`"),
            act("Nothing was done. `status` shows the state; the hint names the command that comes first.",
                "未做任何操作。`status` 显示其状态；提示写明应先运行哪个命令。");
        KMS_OWN = "KF-KMS-06", "A key that exists is adopted only if a request under this plan at this station created it.",
            "已存在的密钥，只有由本工作站按本计划请求创建时才会被采用。",
            by("`create-key`"),
            act("Nothing was created. Find out whose key has the alias. If it is this ceremony's, put its key id into the draft and have that reviewed; otherwise choose another alias.",
                "未创建任何密钥。查明该别名属于谁的密钥。若属于本次仪式，将其密钥 ID 写入草稿并重新审阅；否则更换别名。");
        JOURNAL_OUT = "KF-JOURNAL-01", "No parameters are fetched while a ceremony with earlier ones is out.",
            "此前获取的导入参数还在某次仪式中使用时，不再获取新的参数。",
            by("`export`"),
            act("Finish that ceremony. Only if it will never come back and all agree: `--abandon` with its id.",
                "请先完成该仪式。只有当它不会再继续且在场人员一致同意时，才用 `--abandon` 加其仪式编号。");
        JOURNAL_LATEST = "KF-JOURNAL-02", "Only the latest parameters are imported.",
            "只导入最近一次导出所对应的密文。",
            by("`import`"),
            act("Import the ciphertext of the latest export; this one is dead. Find out who exported in between.",
                "请导入最近一次导出的密文；本密文已作废。查明期间是谁执行了导出。");
        JOURNAL_MATERIAL = "KF-JOURNAL-03", "A key is sent only the material that it took before.",
            "只向密钥发送它此前接受过的材料。",
            by("`import`"),
            act("Restore the first material from its backup, or make a new key. Compare the commitment with the earlier record.",
                "从备份恢复最初的材料，或新建密钥。将承诺值与以往的仪式记录核对。");
        JOURNAL_FORM = "KF-JOURNAL-04", "A journal is whole, of a known version, and about its key.",
            "操作台账完整、版本已知，且属于该密钥。",
            by("`create-key`, `export`, `import`, `delete-material`, `schedule-deletion`, `cancel-deletion`"),
            act("Keep the file, find out what happened to it. Only then move it away.",
                "保留该文件，查明发生了什么。之后方可移走。");
        JOURNAL_BUSY = "KF-JOURNAL-05", "One command at a time works on a key.",
            "同一密钥同时只有一个命令在操作。",
            by("`create-key`, `export`, `import`, `delete-material`, `schedule-deletion`, `cancel-deletion`"),
            act("Wait for the other command, then run this one again.", "等待另一个命令结束，再运行本命令。");
        JOURNAL_OWN = "KF-JOURNAL-06", "Only what this station's journal names as fetched, token and wrapping key, is resumed or imported; what was imported with is not resumed.",
            "只有本工作站的操作台账记载为已获取的导入令牌与包装公钥，才会继续处理或导入；已用于导入的不再继续处理。",
            by("`export`, `import`"),
            act("Nothing was sent. `export`: move the file away and export again. `import`: restore the journal from the archive. If the journal was here all the time, somebody put the file there: exception sheet, keep it as evidence.",
                "未发送任何内容。`export`：移走该文件并重新导出。`import`：从档案恢复操作台账。若操作台账一直在此，则该文件系他人放置：填写例外记录表，保留该文件作为证据。");
        JOURNAL_REBUILT = "KF-JOURNAL-07", "A journal is rebuilt only for a key that has none, from a compared record that tells what the key took.",
            "只为没有操作台账的密钥重建台账，且只依据经过核对、并记有该密钥所导入材料的记录。",
            by("`rebuild-journal`"),
            act("Nothing was sent, or this key's journal was not written. Give plan and record of the ceremony that used the key last; where no record tells what the key holds, `import --prove-backup` does.",
                "未发送任何内容，或未写出该密钥的操作台账。请给出最近一次使用该密钥的仪式的计划与记录；若没有记录说明密钥所持材料，可用 `import --prove-backup` 证明。");
        CONFIRM_STATE = "KF-CONFIRM-01", "After import the key is Enabled.", "导入之后密钥为 Enabled。",
            by("`import`"),
            act("Run `status`. If it stays, keep the record and report the request id to the provider.",
                "运行 `status`。若状态仍不是 Enabled，保留仪式记录，并向服务商报告请求 ID。");
        CONFIRM_EXPIRY = "KF-CONFIRM-02", "After import the key expires when the plan says.",
            "导入之后密钥按计划所写的时间过期。",
            by("`import`"),
            act("Compare the plan with the console. Import the same ciphertext again while its token lives.",
                "将计划与控制台核对。在导入令牌有效期内重新导入同一密文。");
        CONFIRM_ROUND_TRIP = "KF-CONFIRM-03", "After import the key encrypts and decrypts.",
            "导入之后密钥能够加密并解密。",
            by("`import`"),
            act("Do not put the key to use. Run `status`, check the permissions for Encrypt and Decrypt, import again.",
                "不要使用该密钥。运行 `status`，检查 Encrypt 与 Decrypt 的权限，重新导入。");
    }

    section("Scanner", "扫描程序") {
        SCAN_NOTHING = "KF-SCAN-01", "A scan that read no frame says so and does not succeed.",
            "没有读到任何帧的扫描会如实说明，且不算成功。",
            by("`keyferry-scan`"),
            act("Go closer, hold still, avoid glare, show a bigger symbol. Symbols of others: `--any` prints them.",
                "靠近，保持稳定，避免反光，显示更大的二维码。其他来源的二维码：`--any` 会输出其内容。");
        SCAN_KIND = "KF-SCAN-02", "A picture is PNG, JPEG or GIF, a video Y4M, by its first bytes.",
            "图片是 PNG、JPEG 或 GIF，视频是 Y4M，按文件的起始字节判断。",
            by("`keyferry-scan`"),
            act("Convert it to PNG; a video with `ffmpeg -i VIDEO -f yuv4mpegpipe -pix_fmt gray -`.",
                "转换为 PNG；视频请用 `ffmpeg -i VIDEO -f yuv4mpegpipe -pix_fmt gray -`。");
        SCAN_SIZE = "KF-SCAN-03", "A picture's bytes, pixels and frames are capped before they are decoded.",
            "解码之前先限制图片的字节数、像素数与帧数。",
            by("`keyferry-scan`"),
            act("Make the picture smaller, or cut the symbols out of it. Many files: several runs.",
                "缩小图片，或从中裁出二维码。文件很多时：分几次运行。");
        SCAN_DAMAGED = "KF-SCAN-04", "A damaged picture is named, and the others are still read.",
            "损坏的图片会指明，其余图片照常读取。",
            by("`keyferry-scan`"),
            act("Copy the file again, or take the picture again.", "重新复制文件，或重新拍摄。");
        SCAN_CAMERA = "KF-SCAN-05", "A camera is a V4L2 device that gives pictures in a known format.",
            "摄像头是以已知格式提供图像的 V4L2 设备。",
            by("`keyferry-scan`"),
            act("Look for the right `/dev/video*`, its cable, and the group `video`.",
                "查找正确的 `/dev/video*`，检查其线缆，以及您是否在 `video` 组中。");
    }

    section("HSM", "硬件安全模块（HSM）") {
        HSM_MODULE = "KF-HSM-01", "A PKCS#11 module runs in a process of its own; if it ends, stays silent or talks nonsense, the command stops.",
            "PKCS#11 模块在单独的进程中运行；若其终止、无响应或回答无意义，命令即停止。",
            by("`keyferry-hsm`"),
            act("Read what the module did. Test it with `probe`, ask its maker for a newer version, and run the command again. No ciphertext was written.",
                "查看模块的行为。用 `probe` 测试，向厂商索取新版本，然后重新运行命令。没有写出密文。");
        HSM_TOKEN = "KF-HSM-02", "Exactly one token matches the label and the serial number that were given.",
            "恰好有一个令牌（token）与给出的标签和序列号相符。",
            by("`keyferry-hsm`"),
            act("Run `inspect`, which lists the tokens. Unplug the others, or give `--serial`.",
                "运行 `inspect` 列出令牌。拔下其他令牌，或给出 `--serial`。");
        HSM_LOGIN = "KF-HSM-03", "A PIN is typed unseen or entered on the HSM, and no PIN is tried that could lock the token unsaid.",
            "PIN 以不可见方式键入或在 HSM 上输入；若再错一次会锁定令牌，会事先说明。",
            by("`keyferry-hsm`"),
            act("Check the PIN with the person who keeps it before you type it again. A locked token needs its security officer.",
                "再次键入之前，请与 PIN 保管人核对。令牌被锁定时需要其安全管理员（SO）处理。");
        HSM_CALL = "KF-HSM-04", "A call that the module refuses is named with its CK_RV, and nothing takes its place.",
            "模块拒绝的调用会连同 CK_RV 一起指出，且不会用其他方法代替。",
            by("`keyferry-hsm`"),
            act("Run `probe` to see what this module does. Ask the service for parameters with a padding that works, or use another module.",
                "运行 `probe` 查看该模块能做什么。向服务端申请可用填充方式的参数，或换用其他模块。");
        HSM_PADDING = "KF-HSM-05", "A module's padding is shown by decrypting what it wrapped to a throw-away key.",
            "模块的填充方式通过解密它用一次性密钥包装的内容来验证。",
            by("`keyferry-hsm`"),
            act("Do not use this module with this padding. Ask the service for parameters with one that `probe` found working.",
                "不要用该模块的这种填充方式。向服务端申请 `probe` 验证可用的填充方式的参数。");
        HSM_KEY = "KF-HSM-06", "The key's attributes are set explicitly and read back; a key that is not sensitive, or whose value can be read, is refused.",
            "密钥属性均明确设置并读回；非敏感或可读出值的密钥会被拒绝。",
            by("`keyferry-hsm`"),
            act("This token does not keep keys as it was told to. Do not use it; ask its maker.",
                "该令牌没有按要求保护密钥。请勿使用，并询问其厂商。");
        HSM_KCV = "KF-HSM-07", "The check value is computed by the token and agrees with the one that the token states.",
            "校验值由令牌计算，并与令牌声明的校验值一致。",
            by("`keyferry-hsm`"),
            act("Do not use this token: it computes wrongly or states wrongly. If it can compute none, the plan must say `kcv = \"none\"`.",
                "请勿使用该令牌：其计算或声明有误。若它无法计算校验值，计划中须写 `kcv = \"none\"`。");
        HSM_BLOCK = "KF-HSM-08", "What the token wrapped is exactly as long as the modulus, and below it.",
            "令牌包装的结果与模数等长，且小于模数。",
            by("`keyferry-hsm`"),
            act("Do not import it. This module returns something other than an RSA block.",
                "不要导入。该模块返回的不是 RSA 数据块。");
        HSM_PLAN = "KF-HSM-09", "The module's file, the token and the use of a network are what the plan's `[hsm]` says.",
            "模块文件、令牌以及是否使用网络均与计划的 `[hsm]` 一致。",
            by("`keyferry-hsm`"),
            act("Compare the SHA-256 of the module's file and the token's label with the reviewed plan. Nothing was loaded or made.",
                "将模块文件的 SHA-256 与令牌标签同经审阅的计划核对。没有加载或生成任何内容。");
    }

    section("Command line", "命令行") {
        ACCESS = "KF-ACCESS-01", "Before the day, the service is asked whether it lets these credentials do what the ceremony needs.",
            "仪式之前，先向服务端确认这些凭证能完成仪式所需的操作。",
            by("`check-access`"),
            act("The message names actions and region. Have exactly these rights granted, set the clock, or correct the region; then ask again. Nothing was changed.",
                "消息会指出操作与地域。请只授予这些权限、校准时钟或更正地域，然后再次检查。未更改任何内容。");
        EXPIRES_SOON = "KF-STATUS-01", "A key whose material expires within the given time, or has expired, is named.",
            "材料将在给定时间内过期或已经过期的密钥都会列出。",
            by("`status`"),
            act("Plan a ceremony that imports the same material with a later expiry, before the old one passes.",
                "在旧的过期时间之前安排一次仪式，以更晚的过期时间重新导入同一材料。");
        UNHEALTHY = "KF-STATUS-02", "A key of the plan that is not Enabled or has another expiry is named, and so is every key that will be deleted.",
            "计划中不是 Enabled 或过期时间不同的密钥都会列出，将被删除的密钥一律列出。",
            by("`status`"),
            act("Find out who changed the key. The message names what brings it back: the same material, `enable`, or `cancel-deletion` before the date.",
                "查明是谁改动了该密钥。消息会指出恢复方法：重新导入同一材料、`enable`，或在该日期之前运行 `cancel-deletion`。");
        TOO_FEW = "KF-STATUS-03", "A monitor that finds fewer keys than expected says so, and one that finds none does not succeed.",
            "监控找到的密钥少于预期时会指出；一个都找不到时不算成功。",
            by("`status`"),
            act("Look at account, site, regions and the right to list. Nobody knows the state of keys that were not found.",
                "检查账号、站点、地域与列出密钥的权限。未找到的密钥状态无人知晓。");
        USAGE = "KF-USAGE-01", "A command line is complete and unambiguous.", "命令行完整且没有歧义。",
            by("every command", "所有命令"),
            act("Compare with the runbook, letter by letter. `--help` lists what there is.",
                "与操作手册逐字母核对。`--help` 列出全部命令与选项。");
    }
}
