// The files that cross: their form, the plan, the parameters.

controls! { FILES:
    section("Artefacts", "工件") {
        ART_SIZE = "KF-ART-01", "An artefact's length is capped before it is read.",
            "读取工件之前先限制其长度。",
            by("artefact commands", "工件类命令"),
            act("This is not an artefact of this ceremony. Compare its `sha256sum` with the station that made it.",
                "它不是本次仪式的工件。与制作它的工作站核对 `sha256sum`。");
        ART_SYNTAX = "KF-ART-02", "An artefact is UTF-8 JSON.", "工件是 UTF-8 编码的 JSON。",
            by("artefact commands", "工件类命令"),
            act("The file is damaged. Copy it again and compare `sha256sum`.",
                "文件已损坏。重新复制，并核对 `sha256sum`。");
        ART_FORMAT = "KF-ART-03", "An artefact begins with a known format and version.",
            "工件以已知的格式与版本开头。",
            by("artefact commands", "工件类命令"),
            act("This is another file, or a later version of keyferry made it. Give the right file, or use the version that made it.",
                "这是另一个文件，或由更新版本的 keyferry 制作。请提供正确的文件，或使用制作它的版本。");
        ART_FIELDS = "KF-ART-04", "An artefact has exactly the known fields, each well formed.",
            "工件恰好包含已知的字段，且每个字段格式正确。",
            by("artefact commands", "工件类命令"),
            act("Somebody or another program altered it. Copy it again.",
                "被手工或其他程序改动过。请重新复制。");
        ART_CANONICAL = "KF-ART-05", "An artefact is in canonical form, byte for byte.",
            "工件逐字节符合规范形式。",
            by("artefact commands", "工件类命令"),
            act("An editor or a JSON tool rewrote it. Use the original bytes.",
                "被编辑器或 JSON 工具改写过。请使用原始字节。");
        ART_ENTRIES = "KF-ART-06", "An artefact names each key once, and at least one.",
            "工件至少列出一个密钥，且每个密钥只出现一次。",
            by("artefact commands, `export`", "工件类命令、`export`"),
            act("It was altered, or tokens and parameters of two sessions were mixed. Use the original files.",
                "被改动过，或混用了两次会话的导入令牌与导入参数。请使用原始文件。");
    }

    section("Plan", "计划") {
        PLAN_SYNTAX = "KF-PLAN-01", "A plan is UTF-8 TOML within its length cap.",
            "计划是长度不超过上限的 UTF-8 TOML。",
            by("plan commands", "计划类命令"),
            act("Is this the plan? Compare its `sha256sum` with the paper.",
                "这是该计划吗？请与纸上的 `sha256sum` 核对。");
        PLAN_FORMAT = "KF-PLAN-02", "A plan begins with a known format and version.",
            "计划以已知的格式与版本开头。",
            by("plan commands", "计划类命令"),
            act("Start from `plan.sample.toml` of this version.",
                "请从本版本的 `plan.sample.toml` 开始编写。");
        PLAN_FIELD = "KF-PLAN-03", "A plan has exactly the known fields, each well formed.",
            "计划恰好包含已知的字段，且每个字段格式正确。",
            by("plan commands", "计划类命令"),
            act("Correct the line that is named, have the plan reviewed again, and start over with the corrected file. Production needs an operator and another person as witness.",
                "更正所指出的那一行，重新审阅，用更正后的文件从头开始。正式仪式需要一名操作员，并由另一人担任见证人。");
        PLAN_DUPLICATE = "KF-PLAN-04", "A plan names each key and each person once, and each person's `ssh_key` is their own.",
            "计划中每个密钥、每个人只出现一次，且每个人的 `ssh_key` 各不相同。",
            by("plan commands", "计划类命令"),
            act("Correct the plan and have it reviewed again.", "更正，重新审阅。");
        PLAN_KEY_ID = "KF-PLAN-05", "A plan carries the key id of every key before parameters are fetched.",
            "获取导入参数之前，计划中每个密钥都写有密钥 ID。",
            by("`export`, `status`, `inspect`, `wrap`"),
            act("Run `create-key --plan DRAFT --out plan.toml`, review the result, and use it.",
                "运行 `create-key --plan DRAFT --out plan.toml`，审阅其结果，然后使用它。");
        PLAN_VALID_TO = "KF-PLAN-06", "A plan chooses every key's expiry explicitly, within the provider's bounds.",
            "计划明确写出每个密钥的过期时间，且在服务商允许的范围内。",
            by("plan commands, `import`", "计划类命令、`import`"),
            act("Write `valid_to = \"never\"` or a UTC time in the future, at most 2038-01-18T16:00:00Z. Have the plan reviewed again.",
                "写 `valid_to = \"never\"`，或写一个将来的 UTC 时间，最晚为 2038-01-18T16:00:00Z。重新审阅。");
        PLAN_READY = "KF-PLAN-07", "A plan is judged as a whole before a key exists: what a later command would refuse, and what reviewers should know.",
            "在密钥存在之前对整个计划作出判断：后续命令会拒绝什么，审阅者应当知道什么。",
            by("`plan check`, `create-key`, `export`, `preflight`, `inspect`, `wrap`, `rewrap`; every command that asks a service",
                "`plan check`, `create-key`, `export`, `preflight`, `inspect`, `wrap`, `rewrap`；每个向服务端发送请求的命令"),
            act("`keyferry plan check FILE` lists every finding with its line. Correct the errors, decide about the warnings, and have the plan reviewed again.",
                "`keyferry plan check FILE` 会列出每一项及其行号。更正错误，对警告作出决定，重新审阅。");
    }

    section("Parameters, at the offline station", "导入参数（离线工作站）") {
        PARAM_CEREMONY = "KF-PARAM-01", "Parameters belong to this ceremony.", "导入参数属于本次仪式。",
            by("`inspect`, `wrap`"),
            act("This is the wrong medium or the wrong plan. Find the matching pair.", "介质或计划不对。请找出相配的一对。");
        PARAM_PLAN = "KF-PARAM-02", "Parameters were fetched under exactly this plan.",
            "导入参数正是依据本计划获取的。",
            by("`inspect`, `wrap`"),
            act("The plans differ by at least one byte. Compare `sha256sum plan.toml` on both stations with the paper.",
                "两份计划至少有一个字节不同。请将两个工作站上的 `sha256sum plan.toml` 与纸上的值核对。");
        PARAM_KEY = "KF-PARAM-03", "Parameters name only keys of the plan, in its order.",
            "导入参数只列出计划中的密钥，且顺序相同。",
            by("`inspect`, `wrap`"),
            act("Stop. Find out which file is wrong, then export again under the reviewed plan.",
                "停止。查明哪个文件不对；依据审阅过的计划重新导出。");
        PARAM_REGION = "KF-PARAM-04", "Parameters come from the plan's region and provider.",
            "导入参数来自计划所写的地域与服务商。",
            by("`inspect`, `wrap`"),
            act("As above.", "同上。");
        PARAM_ALGORITHM = "KF-PARAM-05", "Parameters are for the plan's wrapping algorithm.",
            "导入参数对应计划所写的包装算法。",
            by("`inspect`, `wrap`"),
            act("As above.", "同上。");
        PARAM_EDITION = "KF-PARAM-06", "A key has the kind that the plan states, or that is expected in its region.",
            "密钥的类型与计划写明的一致；若未写明，则与该地域预期的一致。",
            by("`inspect`, `wrap`, `create-key`, `export`"),
            act("If the service really has a key of another kind there, write that `kind` for the key, have the plan reviewed again, and export again.",
                "如果该密钥在服务端确实是另一类型，请为它写明 `kind`，重新审阅，重新导出。");
        PARAM_EXPIRED = "KF-PARAM-07", "Nothing is wrapped under parameters that expired, or that claim to be valid for longer than the provider allows.",
            "绝不用过期的导入参数，或声称有效期超出服务商规定的导入参数包装。",
            by("`inspect`, `wrap`"),
            act("Is the clock right? If not, give the time with `--now`. If it is, export again; if the expiry is still too far in the future, find out who is answering in the service's place.",
                "时钟准确吗？不准确，用 `--now`；准确，则重新导出；若过期时间仍然过远，请查明是谁在代替服务端应答。");
        PARAM_TIME_LEFT = "KF-PARAM-08", "Wrapping starts only with the plan's minimum time left.",
            "剩余时间不少于计划的最低要求时才开始包装。",
            by("`inspect`, `wrap`"),
            act("Export again for a fresh 24 hours.", "重新导出，以获得新的 24 小时。");
        PARAM_PURPOSE = "KF-PARAM-09", "Rehearsal and production never mix.", "演练与正式仪式绝不混用。",
            by("`create-key`, `export`, `inspect`, `wrap`, `rewrap`, `drill`, `import`, `verify`"),
            act("This is the wrong medium. Rehearsal media stay out of the room on the day.",
                "介质不对。正式仪式当天，演练介质不得留在房间内。");
        PARAM_DIGEST = "KF-PARAM-10", "The parameters' digest is the one that people compared.",
            "导入参数的摘要就是人们核对过的那一个。",
            by("`wrap`"),
            act("Stop: what arrived is not what left. Copy again; if it still differs, fill in an exception sheet and use a fresh medium.",
                "停止：收到的与发出的不同。重新复制；若仍不同，填写例外记录表并换一份新介质。");
        PARAM_CLOCK = "KF-PARAM-11", "A clock that contradicts the parameters is corrected by a person.",
            "时钟与导入参数矛盾时，由人来确定时间。",
            by("`inspect`, `wrap`"),
            act("Read the time from a witnessed clock and give it with `--now`.",
                "读取一只有见证的钟，用 `--now` 给出该时间。");
    }
}
