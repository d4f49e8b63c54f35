// The scanner and every command line.

controls! { PROGRAMS:
    section("Scanner", "扫描程序") {
        SCAN_NOTHING = "KF-SCAN-01", "A scan that read no frame says so and does not succeed.",
            "没有读到任何帧的扫描会如实说明，且不算成功。",
            by("`keyferry-scan`"),
            act("Move closer, hold the camera still, avoid glare, or show a bigger symbol. For symbols of other programs, `--any` prints them.",
                "靠近，保持稳定，避免反光，显示更大的二维码。其他来源的二维码：`--any` 会输出其内容。");
        SCAN_KIND = "KF-SCAN-02", "A picture is PNG, JPEG or GIF and a video is Y4M, judged by the first bytes.",
            "图片是 PNG、JPEG 或 GIF，视频是 Y4M，按文件的起始字节判断。",
            by("`keyferry-scan`"),
            act("Convert a picture to PNG, and a video with `ffmpeg -i VIDEO -f yuv4mpegpipe -pix_fmt gray -`.",
                "转换为 PNG；视频请用 `ffmpeg -i VIDEO -f yuv4mpegpipe -pix_fmt gray -`。");
        SCAN_SIZE = "KF-SCAN-03", "A picture's bytes, pixels and frames are capped before they are decoded.",
            "解码之前先限制图片的字节数、像素数与帧数。",
            by("`keyferry-scan`"),
            act("Make the picture smaller, or cut the symbols out of it. If there are many files, use several runs.",
                "缩小图片，或从中裁出二维码。文件很多时：分几次运行。");
        SCAN_DAMAGED = "KF-SCAN-04", "A damaged picture is named, and the others are still read.",
            "损坏的图片会指明，其余图片照常读取。",
            by("`keyferry-scan`"),
            act("Copy the file again, or take the picture again.", "重新复制文件，或重新拍摄。");
        SCAN_CAMERA = "KF-SCAN-05", "A camera is a V4L2 device that delivers pictures in a known format.",
            "摄像头是以已知格式提供图像的 V4L2 设备。",
            by("`keyferry-scan`"),
            act("Check that it is the right `/dev/video*`, that it is plugged in, and that you are in the group `video`.",
                "查找正确的 `/dev/video*`，检查其线缆，以及您是否在 `video` 组中。");
    }

    section("Command line", "命令行") {
        ACCESS = "KF-ACCESS-01", "Before the day, the service is asked whether it lets these credentials do what the ceremony needs.",
            "仪式之前，先向服务端确认这些凭证能完成仪式所需的操作。",
            by("`check-access`"),
            act("The message names the actions and the region. Have exactly these rights granted, set the clock, or correct the region; then run the command again. Nothing was changed.",
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
            act("Check the account, the site, the regions and the right to list keys. The state of keys that were not found is unknown.",
                "检查账号、网站、地域与列出密钥的权限。未找到的密钥状态无人知晓。");
        USAGE = "KF-USAGE-01", "A command line is complete and unambiguous.", "命令行完整且没有歧义。",
            by("every command", "所有命令"),
            act("Compare it with the runbook, letter by letter. `--help` lists what is possible.",
                "与操作手册逐字母核对。`--help` 列出全部命令与选项。");
    }
}
