//! Chinese texts for options and commands that several programs share.

pub(super) const ZH: &[(&str, &str)] = &[
    ("Language of messages: en or zh (default: from the locale)", "界面语言：en 或 zh（默认：系统区域设置）"),
    ("Language of messages: en or zh [default: from the locale]", "界面语言：en 或 zh（默认：系统区域设置）"),
    (
        "Largest version of the symbols (default: one symbol if it can hold the file, otherwise 15; in a terminal, what fits)",
        "二维码的最大版本（默认：一个放得下就只用一个，否则为 15；在终端中以窗口为准）",
    ),
    (
        "File with a scanner's lines (default: standard input: a hand scanner, or keyferry-scan through a pipe)",
        "扫描得到的行（默认：标准输入，即扫码枪，或经管道的 keyferry-scan）",
    ),
    ("New PNG picture, or the folder for several", "新的 PNG 图片；多张时为文件夹"),
    ("New SVG drawing, or the folder for several", "新的 SVG 矢量图；多张时为文件夹"),
    (
        "New file: plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl",
        "新文件：plan.toml、parameters.json、ciphertext.json、escrow.json、transcript.jsonl 或 openings.jsonl",
    ),
    ("New page for a printer, A4 or Letter", "新的打印页，A4 或 Letter"),
    ("New page for the full screen of a browser; it loads nothing", "新的全屏网页；不加载任何外部内容"),
    (
        "Ignore every file except the one with this digest, as hex or words",
        "只接收具有此摘要（十六进制或词语）的文件",
    ),
    (
        "Print the result, or the refusal, as one JSON object on standard output",
        "在标准输出上以一个 JSON 对象给出结果或拒绝原因",
    ),
    (
        "Show a file that crosses as QR symbols: in this terminal, as pictures, as a page, or printed",
        "以二维码显示需要传递的文件：在本终端、作为图片、网页或打印页",
    ),
    (
        "Show the test page for keyferry-scan --test, which says which version this screen and camera can transfer",
        "显示测试页，由 keyferry-scan --test 识别：这组设备能读取哪个版本",
    ),
    (
        "Receive a file that the other station shows, from a scanner's lines, into a new file",
        "把另一工作站显示的文件，从扫描得到的行写入新文件",
    ),
    ("The reviewed plan", "经审阅的计划文件"),
    ("Name of the person who makes the note, as in the plan", "备注人，姓名与计划文件一致"),
    (
        "plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl",
        "plan.toml、parameters.json、ciphertext.json、escrow.json、transcript.jsonl 或 openings.jsonl",
    ),
];
