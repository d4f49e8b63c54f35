//! The examples of the help page, and the Chinese translation of each of its English texts.

use keyferry_transport::help::Page;

pub(crate) const PAGE: Page = Page { examples: EXAMPLES, zh: ZH };

const EXAMPLES: &[(&str, &str)] = &[
    ("", "keyferry-scan photo.jpg folder"),
    ("", "keyferry-scan --camera /dev/video0"),
    ("", "keyferry-scan --test --camera /dev/video0"),
];

const ZH: &[(&str, &str)] = &[
    (
        "Pictures, Y4M videos, folders of them, or `-` for standard input",
        "图片、Y4M 视频、存放它们的文件夹，或用 `-` 表示标准输入",
    ),
    (
        "Print a text every time it is seen, not just once for each file or stream",
        "每次看到都输出；否则每个文件或流只输出一次",
    ),
    (
        "Print one object on each line: text, file, picture number, version, corners in pixels",
        "每行输出一个对象：文字、文件、图像序号、版本、四角的像素坐标",
    ),
    (
        "Print the text of every symbol, not only of keyferry frames, with control characters escaped",
        "输出每个二维码的文字（控制字符转义），不仅是 keyferry 的帧",
    ),
    (
        "Read from this camera until no program reads the lines any more",
        "从此相机读取，直到不再有程序读取输出的行",
    ),
    (
        "Read the test page of `show --test-page`, and report which versions this screen and camera can transfer and which one to use",
        "读取 `show --test-page` 的测试页，说明这组设备能读取哪些版本、应使用哪个",
    ),
    (
        "Reads QR symbols from pictures, a video or a camera, and prints each keyferry frame as one line of text",
        "从图片、视频或相机读取二维码，输出 keyferry 的帧，每帧一行",
    ),
    (
        "Reads QR symbols from pictures, a video or a camera, and prints each keyferry frame as one line of text.\n\nPictures are PNG, JPEG or GIF, including animations and pages with many symbols; a video is Y4M. The stations read the lines: `keyferry-scan --camera /dev/video0 | keyferry-offline receive …`.",
        "从图片、视频或相机读取二维码，输出 keyferry 的帧，每帧一行。\n\n图片为 PNG、JPEG 或 GIF，包括动画与含有多个二维码的页面；视频为 Y4M。工作站读取这些行：`keyferry-scan --camera /dev/video0 | keyferry-offline receive …`。",
    ),
    ("Increase verbosity: show what each picture contained", "显示更多信息：每幅图像的内容"),
];
