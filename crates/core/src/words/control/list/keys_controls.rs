// Key material, entropy, wrapping keys.

controls! { KEYS:
    section("Key material", "密钥材料") {
        MAT_LENGTH = "KF-MAT-01", "Key material has a length that its kind of key takes.",
            "密钥材料的长度是其密钥类型所接受的长度。",
            by("`encrypt`, `wrap`"),
            act("Read the hint: it says what the length usually means (line break at the end, base64 text, hex text). Decode or make the material again.",
                "阅读提示：它会指出该长度像是什么（末尾的换行符、base64 文本、十六进制文本）。请解码，或重新生成材料。");
        MAT_TEXT = "KF-MAT-02", "Key material is raw bytes, never hex, base64 or other text.",
            "密钥材料是原始字节，绝不是十六进制、base64 或其他文本。",
            by("`encrypt`"),
            act("Decode the text to raw bytes. A password is not key material.",
                "把文本解码为原始字节。口令不是密钥材料。");
        MAT_ENTROPY = "KF-MAT-03", "Key material is made only when the random generator works.",
            "只有随机数发生器正常工作时才生成密钥材料。",
            by("`generate`, `encrypt`, `wrap`, `emulate`, `rehearse`"),
            act("Do not use this machine. Use another one; nothing was written.",
                "不要使用本机，换一台；没有写出任何内容。");
    }

    section("Contributions to entropy", "附加熵源") {
        ENT_DICE = "KF-ENT-01", "Dice contribute only when they are worth 256 bits.",
            "骰子只有达到 256 位才算作附加熵源。",
            by("`wrap`, `generate`"),
            act("The message says how many more rolls are needed. Keep rolling; if it reports a bias or a pattern, use another die. Do not make up any rolls.",
                "消息中写有还需要掷的次数，继续掷即可；若提示有偏差或有规律，请换一颗骰子。不要编造任何一次。");
        ENT_FORM = "KF-ENT-02", "A contribution to entropy is not empty, within its bounds, and named once.",
            "附加熵源不为空，长度在限度之内，且同一种只指定一次。",
            by("`wrap`, `generate`"),
            act("Give a real contribution, or leave its `--entropy` out.",
                "给出真正的内容，或去掉相应的 `--entropy`。");
        ENT_REVEAL = "KF-ENT-03", "An operator reveals exactly what was committed before either revealed.",
            "操作员揭示的内容与双方揭示之前所作的承诺完全一致。",
            by("`wrap`, `generate`"),
            act("Nothing was generated. Compare the text with the note letter by letter, and run the command again. If it still differs, that operator makes a new commitment.",
                "尚未生成任何内容。与字条逐字核对后重新运行。若确实不一致，由该操作员重新作出承诺。");
    }

    section("Wrapping key", "包装密钥") {
        KEY_ENCODING = "KF-KEY-01", "A wrapping key is one SPKI, as DER, PEM or base64 of DER.",
            "包装密钥是一个 SPKI，形式为 DER、PEM 或 DER 的 base64。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("The message names what the file really is. Give the public key of the import parameters, as the provider's API returned it.",
                "消息会指出该文件实际是什么。请提供云平台接口返回的导入参数中的公钥。");
        KEY_KIND = "KF-KEY-02", "A wrapping key is an RSA public key: not EC, SM2, private or a certificate.",
            "包装密钥是 RSA 公钥：不是 EC、SM2、私钥或证书。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("This is the wrong key, or it does not come from the service. Stop and find out where it came from.",
                "密钥不对，或不是来自服务端。停止，查明其来源。");
        KEY_SIZE = "KF-KEY-03", "A wrapping key's modulus is as long as the service makes it.", "包装密钥的模数长度与服务端生成的一致。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("As above. The message names the lengths that the service makes.", "同上。消息会指出服务端生成的长度。");
        KEY_EXPONENT = "KF-KEY-04", "A wrapping key has the exponent 65537.", "包装密钥的指数为 65537。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("As above.", "同上。");
        KEY_TRAILING = "KF-KEY-05", "Nothing comes before or after a wrapping key, and its DER is canonical.",
            "包装密钥前后没有多余内容，且其 DER 为规范编码。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("The file was altered or pasted together. Copy it again from its source.",
                "文件被改动过或由多段拼接而成。请从来源处重新复制。");
        KEY_MODULUS = "KF-KEY-06", "A wrapping key's modulus has no small factor.",
            "包装密钥的模数没有小因数。",
            by("`encrypt`, `inspect`, `wrap`, `export`"),
            act("It is not a real RSA key: stop, treat the online station as suspect, and keep the file as evidence.",
                "它不是真正的 RSA 密钥：停止，将在线工作站视为可疑，保留该文件作为证据。");
        WRAP_FAILED = "KF-WRAP-01", "Wrapping yields one RSA block, as long as the modulus, or stops.",
            "包装得到一个与模数等长的 RSA 数据块，否则停止。",
            by("`wrap`, `encrypt`, `import`"),
            act("While wrapping: this machine cannot be trusted, so use a different one. While importing: copy the file \
                again; if that fails, wrap again.",
                "包装时：本机不可信，换一台。导入时：重新复制文件，仍不行则重新包装。");
        WRAP_AGREE = "KF-WRAP-02", "Two implementations of RSA make the same block before it leaves.",
            "密文离开之前，两种 RSA 实现得到相同的数据块。",
            by("`wrap`, `encrypt`"),
            act("One of them computed wrongly: broken memory or processor. Nothing left the machine. Use another one and keep this one for examination.",
                "其中一个计算有误：内存或处理器损坏。没有任何内容离开本机。换一台机器，保留这一台以备检查。");
        SELF_TEST = "KF-SELF-01", "The program passes known-answer tests before it does anything.",
            "程序在做任何事之前先通过已知答案测试。",
            by("every command", "所有命令"),
            act("The program or the machine is broken. Compare the program's SHA-256 with the release's; if they are equal, use another machine.",
                "程序或机器已损坏。将程序的 SHA-256 与发布值核对；如果一致，换一台机器。");
        SELF_RNG = "KF-SELF-02", "The random generator passes its health tests before it is used.",
            "随机数发生器在使用之前通过健康测试。",
            by("every command", "所有命令"),
            act("Do not use this machine: its generator is stuck or heavily biased.",
                "不要使用本机：其发生器卡住，或输出严重偏差。");
    }
}
