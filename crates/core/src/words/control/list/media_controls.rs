// Files and symbols.

controls! { MEDIA:
    section("Files", "文件") {
        FILE_EXISTS = "KF-FILE-01", "No output is ever overwritten; only `status --prometheus` replaces its own earlier file.",
            "绝不覆盖任何输出文件；例外仅有 `status --prometheus` 自己先前写出的文件。",
            by("every command that writes", "所有写出文件的命令"),
            act("Keep the old file. Give another name or folder, or move the old file away yourself.",
                "保留旧文件。另选文件名或文件夹，或自行移走旧文件。");
        FILE_READ = "KF-FILE-02", "An input can be read.", "输入文件可以读取。",
            by("every command that reads", "所有读取文件的命令"),
            act("Check the path, and that the medium is mounted.", "检查路径，以及介质是否已挂载。");
        FILE_SPACE = "KF-FILE-03", "A run makes sure that there is room for everything that it writes before it makes anything that cannot be repeated.",
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
            act("The medium is faulty. Destroy it after the ceremony, and use another one.",
                "介质有故障。仪式之后将其销毁，换用另一份。");
        FILE_SIZE = "KF-FILE-06", "An input's length is capped before it is read.",
            "读取输入之前先限制其长度。",
            by("every command that reads", "所有读取文件的命令"),
            act("This is not the right file. Compare `sha256sum`.", "文件不对。核对 `sha256sum`。");
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
        FRAME_DIGITS = "KF-FRAME-01", "A scanned line is a frame only if it consists of decimal digits in canonical form.",
            "扫描到的行只有写成唯一形式的十进制数字时才是帧。",
            by("`receive`"),
            act("Scan a keyferry symbol. Set the hand scanner to send digits unchanged, without a prefix and with a line end.",
                "请扫描 keyferry 的二维码。将扫描枪设为原样发送数字，不加前缀，以换行结尾。");
        FRAME_VERSION = "KF-FRAME-02", "A frame has a known version and no unknown flags.",
            "帧具有已知的版本，且没有未知标志。",
            by("`receive`"),
            act("Use the same version of keyferry at both stations.",
                "两个工作站请使用同一版本的 keyferry。");
        FRAME_CHECKSUM = "KF-FRAME-03", "A frame's checksum is right.", "帧的校验和正确。",
            by("`receive`"),
            act("Keep scanning. If most frames are damaged, clean the scanner, dim the screen or use smaller symbols.",
                "继续扫描。若多数损坏：清洁扫描器，调暗屏幕，改用较小的二维码。");
        FRAME_LAYOUT = "KF-FRAME-04", "A frame's length, block and number of blocks fit together.",
            "帧的长度、分块与分块数目相互吻合。",
            by("`receive`"),
            act("Find out where that symbol comes from. Scan only the other station's screen or sheet.",
                "查明该二维码的来源。只扫描另一工作站的屏幕或纸张。");
        FRAME_CAPACITY = "KF-FRAME-05", "A file that is shown as QR symbols fits into 512 frames.",
            "以二维码显示的内容不超过 512 帧。",
            by("`show`"),
            act("Use larger symbols, or carry the file on a medium.",
                "改用较大的二维码，或用介质携带文件。");
        SHOW_PUBLIC = "KF-SHOW-01", "Only the files that cross are shown as symbols, whole; nothing secret is.",
            "只有需要传递的文件才以二维码显示，且必须完整；机密绝不显示。",
            by("`show`"),
            act("Show plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl. If it is one of them, copy it again from the station that made it.",
                "请显示 plan.toml、parameters.json、ciphertext.json、escrow.json、transcript.jsonl 或 openings.jsonl。如果它就是其中之一，请从制作它的工作站重新复制。");
        SHOW_FITS = "KF-SHOW-02", "A symbol is shown only where it fits, with its light margin.",
            "只在放得下二维码及其浅色边框之处显示。",
            by("`show`"),
            act("Make the window larger or its font smaller, or write a page with `--html` or a picture with `--png`.",
                "放大窗口或缩小字体，或用 `--html` 写出网页、用 `--png` 写出图片。");
        SHOW_TERMINAL = "KF-SHOW-03", "Symbols are drawn only on a terminal.", "二维码只绘制在终端上。",
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
            act("Check what the other station shows. Secrets and other files never cross.",
                "核对另一工作站显示的内容。机密和他人的文件绝不传递。");
        RECEIVE_TERMINAL = "KF-RECV-03", "A hand scanner's lines are read only from a terminal that does not cut them.",
            "扫描枪的输入行只取自不截断长行的终端。",
            by("`receive`"),
            act("Scan into a file and give that with `--from`, or pipe the lines in.",
                "扫描到文件中并用 `--from` 指定，或通过管道送入。");
    }
}
