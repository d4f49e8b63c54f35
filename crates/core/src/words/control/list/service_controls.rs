// Credentials, network, service.

controls! { SERVICE:
    section("Credentials, network, service", "凭证、网络、服务端") {
        CRED_MISSING = "KF-CRED-01", "Credentials come from the environment or the vendor's files.",
            "凭证来自环境变量或官方工具的凭证文件。",
            by("online, `emulate`", "在线工作站、`emulate`"),
            act(include!("../../../provider/credentials.rs"));
        CRED_MALFORMED = "KF-CRED-02", "Credentials are whole and unpadded.",
            "凭证完整，且前后没有空白字符。",
            by("online", "在线工作站"),
            act("Look for a missing half, or a space or line break at either end.",
                "检查是否缺了一半，或末尾有空格或换行符。");
        CRED_EXPOSED = "KF-CRED-03", "A credential file is readable by its owner alone.",
            "凭证文件只有所有者可以读取。",
            by("online", "在线工作站"),
            act("`chmod 600` the file, and ask who could have read it.",
                "对该文件运行 `chmod 600`，并查明谁可能读取过它。");
        CRED_ROLE = "KF-CRED-04", "Credentials of a role or a profile have a known kind, are complete and have not expired.",
            "角色或配置的凭证属于已知类型，完整且未过期。",
            by("online", "在线工作站"),
            act(include!("../../../provider/sign_in.rs"));
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
            act("Check the key id in the plan. If it is right, create an EXTERNAL key and have the plan reviewed again.",
                "核对计划中的密钥 ID；否则创建一个 EXTERNAL 密钥并重新审阅。");
        KMS_STATE = "KF-KMS-03", "Material is imported only into a key in a state that takes it.",
            "只向处于可导入状态的密钥导入材料。",
            by("`create-key`, `export`, `import`"),
            act("Enable the key or cancel its deletion if the plan still wants it, then run the command again.",
                "若计划仍需要该密钥，请启用它或取消删除，然后重新运行命令。");
        KMS_ALIAS = "KF-KMS-04", "A key's alias in the service is the plan's.",
            "密钥在服务端的别名与计划相同。",
            by("`create-key`, `export`, `import`"),
            act("The key id is wrong, or the alias was changed. Find out which, correct the plan, and have it reviewed again.",
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
        JOURNAL_OUT = "KF-JOURNAL-01", "No parameters are fetched while a ceremony with earlier ones is pending.",
            "此前获取的导入参数还在某次仪式中使用时，不再获取新的参数。",
            by("`export`"),
            act("Finish that ceremony. Only if it will never come back and all agree: `--abandon` with its id.",
                "请先完成该仪式。只有当它不会再继续且在场人员一致同意时，才用 `--abandon` 加其仪式编号。");
        JOURNAL_LATEST = "KF-JOURNAL-02", "Only the latest parameters are imported.",
            "只导入最近一次导出所对应的密文。",
            by("`import`"),
            act("Import the ciphertext of the latest export; this one can no longer be imported. Find out who exported in between.",
                "请导入最近一次导出的密文；本密文已作废。查明期间是谁执行了导出。");
        JOURNAL_MATERIAL = "KF-JOURNAL-03", "A key is sent only the material that it accepted before.",
            "只向密钥发送它此前接受过的材料。",
            by("`import`"),
            act("Restore the first material from its backup, or make a new key. Compare the commitment with the earlier record.",
                "从备份恢复最初的材料，或新建密钥。将承诺值与以往的仪式记录核对。");
        JOURNAL_FORM = "KF-JOURNAL-04", "A journal is whole, of a known version, and about its key.",
            "操作台账完整、版本已知，且属于该密钥。",
            by("`create-key`, `export`, `import`, `delete-material`, `schedule-deletion`, `cancel-deletion`"),
            act("Keep the file and find out what happened to it. Only then move it away.",
                "保留该文件，查明发生了什么。之后方可移走。");
        JOURNAL_BUSY = "KF-JOURNAL-05", "One command at a time works on a key.",
            "同一密钥同时只有一个命令在操作。",
            by("`create-key`, `export`, `import`, `delete-material`, `schedule-deletion`, `cancel-deletion`"),
            act("Wait for the other command, then run this one again.", "等待另一个命令结束，再运行本命令。");
        JOURNAL_OWN = "KF-JOURNAL-06", "Only parameters whose token and wrapping key this station's journal names as fetched are resumed or imported; those that were already used for an import are not resumed.",
            "只有本工作站的操作台账记载为已获取的导入令牌与包装公钥，才会继续处理或导入；已用于导入的不再继续处理。",
            by("`export`, `import`"),
            act("Nothing was sent. `export`: move the file away and export again. `import`: restore the journal from the archive. If the journal was here all the time, somebody put the file there: fill in an exception sheet and keep the file as evidence.",
                "未发送任何内容。`export`：移走该文件并重新导出。`import`：从档案恢复操作台账。若操作台账一直在此，则该文件系他人放置：填写例外记录表，保留该文件作为证据。");
        JOURNAL_REBUILT = "KF-JOURNAL-07", "A journal is rebuilt only for a key that has none, from a compared record that states what the key accepted.",
            "只为没有操作台账的密钥重建台账，且只依据经过核对、并记有该密钥所导入材料的记录。",
            by("`rebuild-journal`"),
            act("Nothing was sent, or this key's journal was not written. Give the plan and the record of the ceremony that used the key last; if no record states what the key holds, `import --prove-backup` finds out.",
                "未发送任何内容，或未写出该密钥的操作台账。请给出最近一次使用该密钥的仪式的计划与记录；若没有记录说明密钥所持材料，可用 `import --prove-backup` 证明。");
        CONFIRM_STATE = "KF-CONFIRM-01", "After import the key is Enabled.", "导入之后密钥为 Enabled。",
            by("`import`"),
            act("Run `status`. If the state does not change, keep the record and report the request id to the provider.",
                "运行 `status`。若状态仍不是 Enabled，保留仪式记录，并向服务商报告请求 ID。");
        CONFIRM_EXPIRY = "KF-CONFIRM-02", "After import the key expires when the plan says.",
            "导入之后密钥按计划所写的时间过期。",
            by("`import`"),
            act("Compare the plan with the console. Import the same ciphertext again while its token is valid.",
                "将计划与控制台核对。在导入令牌有效期内重新导入同一密文。");
        CONFIRM_ROUND_TRIP = "KF-CONFIRM-03", "After import the key encrypts and decrypts.",
            "导入之后密钥能够加密并解密。",
            by("`import`"),
            act("Do not put the key to use. Run `status`, check the permissions for Encrypt and Decrypt, and import again.",
                "不要使用该密钥。运行 `status`，检查 Encrypt 与 Decrypt 的权限，重新导入。");
    }
}
