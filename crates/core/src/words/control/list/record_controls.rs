// The files that cross back, what people agree on, and the record.

controls! { RECORD:
    section("Ciphertext, at the online station", "密文（在线工作站）")
    note("Nothing was sent when one of these refuses. One bad entry refuses the whole file.",
         "以下任何一项拒绝时，都没有发送任何请求。一个条目有误，整个文件都会被拒绝。") {
        CIPHER_CEREMONY = "KF-CIPHER-01", "Ciphertext belongs to this ceremony.", "密文属于本次仪式。",
            by("`import`"),
            act("This is the wrong medium or the wrong session. Find the matching pair.", "介质或会话不对。请找出相配的一对。");
        CIPHER_PARAMETERS = "KF-CIPHER-02", "Ciphertext was made for exactly these parameters.",
            "密文正是为这些导入参数制作的。",
            by("`import`"),
            act("This is an older file, or it belongs to another export. Bring the one made from this session's parameters.",
                "这是旧文件，或来自另一次导出。请取来由本会话的参数制作的密文。");
        CIPHER_KEY = "KF-CIPHER-03", "Ciphertext names only keys of these parameters, in their order.",
            "密文只列出这些参数中的密钥，且顺序相同。",
            by("`import`"),
            act("The file was altered. Copy it again, and compare its digest with the offline station.",
                "被改动过。重新复制，并与离线工作站核对摘要。");
        CIPHER_WRAPPING_KEY = "KF-CIPHER-04", "Ciphertext was wrapped to the fetched wrapping key.",
            "密文是用所获取的包装密钥包装的。",
            by("`import`"),
            act("Stop: somebody substituted another public key. Fill in an exception sheet and keep both files.",
                "停止：有人换入了另一个公钥。填写例外记录表，保留两个文件。");
        CIPHER_BINDING = "KF-CIPHER-05", "Each ciphertext entry is whole and belongs to its key.",
            "每个密文条目都完整，且属于其密钥。",
            by("`import`"),
            act("An entry was swapped or altered. Copy the file again; if its digest is equal to the offline station's, wrap again.",
                "被调换或改动过。重新复制；若摘要与离线工作站一致，则重新包装。");
        CIPHER_PURPOSE = "KF-CIPHER-06", "A production run refuses what a rehearsal made.",
            "正式仪式拒绝演练的产物。",
            by("`import`"),
            act("This is the wrong medium. Bring the ciphertext of this ceremony.", "介质不对。请取来本次仪式的密文。");
        CIPHER_DIGEST = "KF-CIPHER-07", "The ciphertext's digest, and the head of the record that came with it, are those that people compared.",
            "密文的摘要，以及随之而来的记录的链尾摘要，就是人们核对过的那些。",
            by("`import`"),
            act("Stop: what arrived is not what left. Copy again and compare.",
                "停止：收到的与发出的不同。重新复制并核对。");
        CIPHER_EXPIRED = "KF-CIPHER-08", "Nothing is imported with an expired import token.",
            "导入令牌过期后不再导入。",
            by("`import`"),
            act("Export again, then wrap again.", "重新导出，重新包装。");
        CIPHER_LAST = "KF-CIPHER-09", "The ciphertext is the last one that its record names; in production there is such a record.",
            "密文是其记录中最后列出的那一份；正式仪式中必须有这样的记录。",
            by("`import`"),
            act("A later run made another ciphertext, or the record belongs to another run. Bring both files of the last run.",
                "之后的运行生成了另一份密文，或记录属于另一次运行。请取来最后一次运行的两个文件。");
        CIPHER_ESCROW = "KF-CIPHER-10", "The escrow that the record names is here before anything is imported.",
            "记录所列的托管文件已在此处，然后才导入。",
            by("`import`"),
            act("Bring `escrow.json` from the offline station's medium, or by `show` and `receive`. Without it the shares open nothing: keep the medium.",
                "请从离线工作站的介质取来 `escrow.json`，或用 `show` 与 `receive` 传递。没有它，分片无法打开任何内容：请保留介质。");
    }

    section("Consent and record", "同意与记录") {
        CONSENT = "KF-CONSENT-01", "A person types exactly Yes, or a script passes the digest to compare with.",
            "由人准确输入 Yes，或给出用于比对的摘要。",
            by("`create-key`, `export`, `wrap`, `rewrap`, `drill`, `import`"),
            act("Run the same command again, compare every digest that it shows, and type `Yes`: capital Y, nothing else. A \
                script passes \
                `--expect-digest` (`--expect-plan` to `create-key` and `export`), and `--expect-head` for each record that is found.",
                "再次核对所显示的每个摘要，运行同一命令，输入 `Yes`：大写 Y，不带其他内容。脚本请给出 `--expect-digest`（`create-key` 与 `export` 用 `--expect-plan`），并为所见的每份记录给出 `--expect-head`。");
        CONSENT_ALIAS = "KF-CONSENT-02", "A key is taken out of use only after its alias was typed.",
            "只有输入密钥的别名之后，才会停用密钥。",
            by("`delete-material`, `schedule-deletion`, `disable`"),
            act("Nothing was done. Check the key with `status`; then type its alias letter by letter, or leave the key alone.",
                "未做任何操作。用 `status` 查看该密钥；逐字母输入其别名，或就此作罢。");
        SECRET_TYPED = "KF-CONSENT-03", "A secret is typed without echo, as whole lines within their length cap.",
            "机密在不显示的情况下键入，整行输入且不超过上限。",
            by("`wrap`, `generate`"),
            act("Run the command again at the machine's own console. If it was killed while somebody typed: `stty sane`.",
                "在本机自带的控制台上重新运行命令。如果命令在有人键入时被终止：运行 `stty sane`。");
        CONSENT_TWO = "KF-CONSENT-04", "In production a key is taken out of use only in a record, after an operator and a witness agreed.",
            "在正式仪式中，只有操作员与见证人均同意并记入记录之后，才会停用密钥。",
            by("`delete-material`, `schedule-deletion`, `disable`"),
            act("Nothing was done. Give `--transcript ARCHIVE/life.jsonl`; each of the two types the alias and then `Yes`. If it cannot wait, the account's administrator disables the key in the provider's console; fill in an exception sheet.",
                "未做任何操作。请给出 `--transcript ARCHIVE/life.jsonl`；两人各自输入别名，再输入 `Yes`。若不能等待，由云账号管理员在服务商控制台停用该密钥：填写例外记录表。");
        TRANSCRIPT_CHAIN = "KF-TRANS-01", "A transcript's hash chain is unbroken.",
            "仪式记录的哈希链没有断裂。",
            by("`verify`, `create-key`, `export`, `wrap`, `import`"),
            act("Keep the file as evidence and do not edit it. Compare it with the copy on the other medium. Each ceremony has its own folder.",
                "保留该文件作为证据，不要编辑。与另一介质上的副本比较。每次仪式各用一个文件夹。");
        TRANSCRIPT_EVENT = "KF-TRANS-02", "Each transcript line is one well-formed event.",
            "仪式记录的每一行都是一个格式正确的事件。",
            by("`verify`, `create-key`, `export`, `wrap`, `import`"),
            act("As above. An incomplete last line is cut off and recorded by the next station command.",
                "同上。不完整的末行会由工作站的下一个命令截去，并记入仪式记录。");
        NOTE = "KF-TRANS-03", "A note is one printable line, by a named person, in a record that exists and is not signed yet.",
            "备注是一行可显示的文字，由写明姓名的人加入已存在且尚未签名的仪式记录。",
            by("`note`"),
            act("Make it shorter, or write several notes; write the name as in the plan; give the transcript of the \
                ceremony that has begun. If the record is signed, write the note on paper.",
                "写得简短些，或分成几条；按计划中的写法填写姓名；请给出已经开始的仪式的记录文件。记录已签名时，请写在纸上。");
        TRANSCRIPT_OPENING = "KF-TRANS-04", "Names are withheld only if the plan says so, and an opening matches its commitment.",
            "只有计划规定时才可不公开姓名，且所披露的内容与承诺一致。",
            by("`verify`, `report`, `wrap`, `rewrap`, `note`, `show`, `receive`"),
            act("Keep the file as evidence and do not edit it. Compare openings.jsonl with the copy on the other medium; without the file the names are withheld.",
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
            act("This record does not prove what you are checking. Find out who called a rehearsal a production ceremony.",
                "该档案不能证明您要查证的事项。查明是谁把演练称作正式仪式。");
        VERIFY_PARAMETERS = "KF-VERIFY-04", "A record's parameters are those that were exported, checked and confirmed.",
            "档案中的导入参数正是所导出、检查并确认的。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder. Compare `sha256sum parameters.json` with the transcript and the paper, and use the other copy.",
                "保留该文件夹。将 `sha256sum parameters.json` 与仪式记录和纸上的值核对；改用另一份副本。");
        VERIFY_CIPHERTEXT = "KF-VERIFY-05", "A record's ciphertext is the one that was written, checked and confirmed.",
            "档案中的密文正是所写出、检查并确认的。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder. Compare `sha256sum ciphertext.json` with the transcript and the paper, and use the other copy.",
                "保留该文件夹。将 `sha256sum ciphertext.json` 与仪式记录和纸上的值核对；改用另一份副本。");
        VERIFY_KEY = "KF-VERIFY-06", "Each key is proved with what was generated, wrapped and imported for it.",
            "每个密钥的验证，针对的正是为它生成、包装并导入的材料。",
            by("`verify`, `report`, `sign`"),
            act("The message names the key: compare its lines in the transcript with the plan, the parameters and the ciphertext. Do not rely on this record for it.",
                "消息会指出密钥：将它在仪式记录中的各行与计划、参数和密文核对。不要以该档案作为该密钥的依据。");
        VERIFY_END = "KF-VERIFY-07", "A record ends where its ceremony ended.", "档案在其仪式结束之处结束。",
            by("`verify`, `report`, `sign`"),
            act("Use the transcript that came back last. If the ceremony was stopped, finish it, or keep the record as that of a stopped ceremony.",
                "请使用最后带回的仪式记录。若仪式曾被中止，请完成它，或将该档案作为被中止的仪式的档案保存。");
        VERIFY_SIGNATURE = "KF-VERIFY-08", "A signature covers exactly this record, and the signer's key is in the plan.",
            "签名针对的正是本记录，且由计划中列有公钥的人作出。",
            by("`verify`, `report`, `sign`"),
            act("Use the `.sig` file that `ssh-keygen` wrote, unchanged. If the transcript is right, the person signs again.",
                "请使用 `ssh-keygen` 写出的 `.sig` 文件，不要改动。若仪式记录无误，由该人重新签名。");
        VERIFY_SIGNER = "KF-VERIFY-09", "Everybody whose key is in the plan has signed.",
            "计划中列有公钥的每个人都已签名。",
            by("`verify`, `report`"),
            act("Have the person sign: `keyferry sign DIR` prints how.",
                "请该人签名：`keyferry sign DIR` 会说明方法。");
        VERIFY_PREVIOUS = "KF-VERIFY-10", "The earlier record for the same key is the one that the plan names.",
            "同一密钥的前一份档案，正是计划所指明的那一份。",
            by("`verify --previous`"),
            act("Give the folder of the record whose head the plan names as `previous_record`.",
                "请给出链尾摘要在计划中写为 `previous_record` 的那份档案的文件夹。");
        VERIFY_HEAD = "KF-VERIFY-11", "The head of a record is the one that people wrote down.",
            "档案的链尾摘要就是人们写下的那一个。",
            by("`verify --expect-head`"),
            act("Compare with the paper once more. If it differs, this is not the whole record of that day.",
                "请再次与纸上的内容核对。若不同，这就不是当天的完整档案。");
        VERIFY_BACKUP = "KF-VERIFY-12", "A record's backup is its plan's: every share read back and the escrow written, before the ciphertext.",
            "档案的备份与计划相符：在密文之前，每个分片都已读回，托管文件也已写出。",
            by("`verify`, `report`"),
            act("The record does not prove a backup. Use `escrow.json` and `drills.jsonl` of the same ceremony; if they already are, fill in an exception sheet and hold a drill.",
                "该档案不能作为备份的证据。请使用同一仪式的 `escrow.json` 与 `drills.jsonl`；若确为同一仪式，请填写例外记录表并举行一次恢复演习。");
        VERIFY_COURSE = "KF-VERIFY-13", "A record has the lines that its commands write: all of them, in order, each by its station.",
            "档案包含各命令所写的全部行：次序正确，且由相应的工作站写入。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder as evidence. Compare it with the other copy: somebody left out, moved or repeated a line.",
                "请将该文件夹作为证据保留，并与另一份副本比较：有人删去、移动或重复了某一行。");
        VERIFY_MACHINE = "KF-VERIFY-14", "The offline machine met the plan's requirements, except those that the plan waives.",
            "离线机器符合计划的要求（计划豁免的除外）。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder as evidence. There is no proof that the material was made on the planned kind of machine: treat it as exposed.",
                "请将该文件夹作为证据保留。没有证据表明材料是在符合计划的机器上生成的：应视其为已泄露。");
        VERIFY_CLOCK = "KF-VERIFY-15", "Somebody confirmed the time while the parameters were valid, and the clocks of both stations agree.",
            "参数有效期内有人确认了时间，且两台工作站的时钟相符。",
            by("`verify`, `report`, `sign`"),
            act("Keep the folder as evidence. Find out which clock was wrong, and whether these lines were written at the time that they state.",
                "请将该文件夹作为证据保留。请查明哪个时钟有误，以及这些行是否在所述时间写入。");
        VERIFY_SUMS = "KF-VERIFY-16", "An archive's files are those whose digests its `SHA256SUMS` lists.",
            "档案的文件与其 `SHA256SUMS` 所列的摘要相符。",
            by("`verify`, `report`, `sign`"),
            act("This copy is damaged or was changed. Use the other copy, and keep this one until you know why.",
                "该副本已损坏或被改动。请使用另一份副本；保留这一份，直到查明原因。");
        VERIFY_LIFE = "KF-VERIFY-17", "Every change of a key after the ceremony was agreed to by the people whom the plan names, and has the result that its command leads to.",
            "仪式之后对密钥的操作，须经计划所列人员同意，且与其命令相符。",
            by("`verify`, `sign`, `report`, `archive`"),
            act("Keep the archive unchanged. Compare `life.jsonl` with the provider's audit log and with the heads on paper, and find out who did what.",
                "保持档案原样。将 `life.jsonl` 与服务商的审计日志以及纸上的链尾摘要核对，查明是谁做了什么。");
        ARCHIVE_ONE = "KF-ARCHIVE-01", "An archive belongs to one ceremony: no two copies of a file differ.",
            "一份档案只属于一次仪式：同一文件的各份副本没有差异。",
            by("`archive`"),
            act("Find out which copy belongs to this ceremony, with `sha256sum` and the paper. Leave out the other folder, but keep it.",
                "请用 `sha256sum` 与纸上的内容查明哪一份属于本次仪式。不再给出另一个文件夹，并将其保留。");
        SIGN_KEY = "KF-SIGN-01", "A record is signed with the key of one person in its plan.",
            "档案用其计划中某一个人的密钥签名。",
            by("`sign`, `allowed-signers`"),
            act("Give the key whose `.pub` line is in the plan, and its passphrase; a key in a hardware token signs with `ssh-keygen`.",
                "请给出其 `.pub` 行写在计划中的密钥及其口令；硬件令牌（USB Key）中的密钥用 `ssh-keygen` 签名。");
    }
}
