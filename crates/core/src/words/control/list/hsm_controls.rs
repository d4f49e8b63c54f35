// The refusals of the HSM station.

controls! { HSM:
    section("HSM", "硬件安全模块（HSM）") {
        HSM_MODULE = "KF-HSM-01", "A PKCS#11 module runs in a process of its own; if it ends, stays silent or talks nonsense, the command stops.",
            "PKCS#11 模块在单独的进程中运行；若其终止、无响应或回答无意义，命令即停止。",
            by("`keyferry-hsm`"),
            act("Read what the module did. Test it with `probe`, ask its maker for a newer version, and run the command again. No ciphertext was written.",
                "查看模块的行为。用 `probe` 测试，向厂商索取新版本，然后重新运行命令。没有写出密文。");
        HSM_TOKEN = "KF-HSM-02", "Exactly one token matches the label and the serial number that were given.",
            "恰好有一个硬件令牌（token）与给出的标签和序列号相符。",
            by("`keyferry-hsm`"),
            act("Run `inspect`, which lists the tokens. Unplug the others, or give `--serial`.",
                "运行 `inspect` 列出硬件令牌。拔下其他硬件令牌，或给出 `--serial`。");
        HSM_LOGIN = "KF-HSM-03", "A PIN is typed without echo or entered on the HSM, and no PIN that could lock the token is tried without a warning.",
            "PIN 以不可见方式键入或在 HSM 上输入；若再错一次会锁定硬件令牌，会事先说明。",
            by("`keyferry-hsm`"),
            act("Check the PIN with the person who keeps it before you type it again. A locked token needs its security officer.",
                "再次键入之前，请与 PIN 保管人核对。硬件令牌被锁定时需要其安全管理员（SO）处理。");
        HSM_CALL = "KF-HSM-04", "A call that the module refuses is named with its CK_RV, and no other call is tried instead.",
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
            act("This token does not protect keys as it was told to. Do not use it, and ask its maker.",
                "该硬件令牌没有按要求保护密钥。请勿使用，并询问其厂商。");
        HSM_KCV = "KF-HSM-07", "The check value is computed by the token and agrees with the one that the token states.",
            "校验值由硬件令牌计算，并与硬件令牌声明的校验值一致。",
            by("`keyferry-hsm`"),
            act("Do not use this token: it computes or states a wrong check value. If it cannot compute one at all, the plan must say `kcv = \"none\"`.",
                "请勿使用该硬件令牌：其计算或声明有误。若它无法计算校验值，计划中须写 `kcv = \"none\"`。");
        HSM_BLOCK = "KF-HSM-08", "A block that the token wrapped is exactly as long as the modulus, and below it.",
            "硬件令牌包装的结果与模数等长，且小于模数。",
            by("`keyferry-hsm`"),
            act("Do not import it. This module returns something other than an RSA block.",
                "不要导入。该模块返回的不是 RSA 数据块。");
        HSM_PLAN = "KF-HSM-09", "The module's file, the token and the use of a network are what the plan's `[hsm]` says.",
            "模块文件、硬件令牌以及是否使用网络均与计划的 `[hsm]` 一致。",
            by("`keyferry-hsm`"),
            act("Compare the SHA-256 of the module's file and the token's label with the reviewed plan. Nothing was loaded or made.",
                "将模块文件的 SHA-256 与硬件令牌标签同经审阅的计划核对。没有加载或生成任何内容。");
        HSM_HELD = "KF-HSM-10", "A key that a token has again is the one that the earlier record committed to; this is compared before the key is wrapped.",
            "硬件令牌再次持有的材料与先前记录中的承诺值一致；在包装之前核对。",
            by("`keyferry-hsm rewrap`"),
            act("Give the label and the record of the ceremony that made the key. If the commitment differs, this is not a backup of the key: treat the key as one without a backup from today.",
                "请给出生成该密钥的仪式的标签和记录。若承诺值不同，则这不是该密钥的备份：当天即视其为没有备份。");
        HSM_COMMITMENT = "KF-HSM-11", "The commitment that a token computes is compared with one that is computed here, for a throw-away key.",
            "硬件令牌计算的承诺值，用一次性密钥与本程序计算的承诺值核对。",
            by("`keyferry-hsm`"),
            act("Do not use this module: the commitments in its records would say nothing about the keys.",
                "请勿使用该模块：其记录中的承诺值不能说明密钥。");
    }
}
