//! Why a backup was not made, or not used.

use std::path::PathBuf;

use keyferry_core::{Alias, BackupSet, Bilingual, bi, refusals};

refusals! {
    /// Why a backup was not made, or not used. No text quotes a word of a share, except the two words that name
    /// its set.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // `found` and the other are the two sides of each comparison.
    pub enum BackupError: Refused {
        /// New shares were requested, but the plan chose no backup.
        NoScheme => BACKUP_SCHEME,
            what("new shares were requested, but the plan chose no backup; nothing was recovered",
                 "要求生成新的分片，而计划选择不备份；尚未恢复任何内容"),
            hint("write scheme = \"slip39\" with threshold and shares into the plan and have it reviewed, or leave --new-shares out",
                 "请在计划中写明 scheme = \"slip39\" 及门限与分片数并重新审阅，或去掉 --new-shares");
        /// Shares must be shown, but there is no terminal.
        NoScreen => BACKUP_SCHEME,
            what("shares are shown on a terminal, but there is none; nothing was generated",
                 "分片只能在终端上显示，而当前没有终端；尚未生成任何密钥材料"),
            hint("run it on a terminal, or give --shares files=DIR or sheets=DIR",
                 "请在终端上运行，或使用 --shares files=DIR 或 sheets=DIR");
        /// In production, the words would appear on a terminal that another program draws.
        Pseudo => BACKUP_SCREEN,
            what("this terminal is, or may be, a pseudo-terminal: another program (ssh, tmux, script, sudo) would hold the words of the shares",
                 "此终端是或可能是伪终端：另一个程序（ssh、tmux、script、sudo）会持有分片的词"),
            hint("run it on a console of the machine itself (tty1, or a serial console), not through /dev/tty",
                 "请在本机自带的控制台（tty1 或串口控制台）上运行，且不要通过 /dev/tty");
        /// In production, the words that are typed at a terminal could not be cleared.
        Uncleared => BACKUP_SCREEN,
            what("standard input is a terminal, but standard error is not: typed words could not be cleared from the screen",
                 "标准输入是终端，而标准错误不是：键入的词无法从屏幕上清除"),
            hint("run it without redirecting standard error", "请不要重定向标准错误，重新运行");
        /// The terminal is smaller than a share needs.
        Small {
            columns: usize,
            rows: usize,
            /// The columns and rows that a share needs.
            need: (usize, usize),
        } => BACKUP_ALONE,
            what("this terminal has {columns} columns and {rows} rows; a share needs {0} columns and {1} rows to be shown as a whole",
                 "此终端为 {columns} 列 {rows} 行；完整显示一个分片需要 {0} 列 {1} 行", need.0, need.1),
            hint("enlarge the window, or use a smaller font (`setfont`), then run the command again; no share was shown",
                 "请放大窗口或改用较小的字体（`setfont`），然后重新运行命令；尚未显示任何分片");
        /// A signal, or a key such as Ctrl-C, arrived before a share was read back.
        Interrupted {
            number: u8,
            shares: u8,
        } => SECRET_TYPED,
            what("interrupted: share {number} of {shares} was not confirmed; the screen was cleared, and nothing was wrapped for the medium",
                 "已中断：第 {number} 个分片（共 {shares} 个）未经确认；屏幕已清除，尚未写出任何密文"),
            hint("destroy everything that was written down of this share, then run the command again: it says what to do with the shares that are already confirmed",
                 "请销毁该分片已抄写的内容，然后重新运行命令：对于此前已确认的分片，命令会说明如何处理");
        /// A signal or such a key arrived while shares were typed to recover the material.
        Unfinished {
            have: usize,
            needed: u8,
        } => SECRET_TYPED,
            what("interrupted after {have} of the {needed} needed shares; the screen was cleared, and nothing was recovered",
                 "已中断：所需的 {needed} 个分片已收下 {have} 个；屏幕已清除，尚未恢复任何内容"),
            hint("run the command again when the custodians are ready: every share has to be typed again",
                 "请在保管人准备好之后重新运行命令：每个分片都要重新键入");
        /// A different share of the set was read back.
        OtherShare {
            found: u8,
            given: u8,
        } => BACKUP_READ_BACK,
            what("share {found} was read back, but share {given} was handed out",
                 "发出的是第 {given} 个分片，读回的却是第 {found} 个"),
            hint(compare_word_by_word());
        /// The words that were read back have the number of the share that was handed out, but differ from it.
        Differs {
            number: u8,
        } => BACKUP_READ_BACK,
            what("the words that were read back are not share {number} of this set", "读回的内容不是本组的第 {number} 个分片"),
            hint(compare_word_by_word());
        /// An interrupted run left confirmed shares, and nobody agreed to void them.
        Stranded {
            set: BackupSet,
            confirmed: usize,
            threshold: u8,
        } => BACKUP_STRANDED,
            what("an earlier run confirmed {confirmed} of the shares of set \"{set}\" ({threshold} are needed to recover), but its ciphertext.json is not here",
                 "先前的运行留下了 \"{set}\" 组的 {confirmed} 个已确认分片（恢复需 {threshold} 个），而此处没有其 ciphertext.json"),
            hint("only those shares have the material: `rewrap` makes a ciphertext from them. To make other material and \
                  void those shares, answer Yes or give --void-shares",
                 "密钥材料只存在于这些分片中：可用 `rewrap` 制作密文。若要生成新的材料并作废这些分片，请回答 Yes 或使用 --void-shares");
        /// As above, but the escrow that the shares would open never appeared.
        OpenNothing {
            set: BackupSet,
            confirmed: usize,
        } => BACKUP_STRANDED,
            what("an earlier run confirmed {confirmed} of the shares of set \"{set}\", which are useless without the escrow.json that is missing here",
                 "先前的运行留下了 \"{set}\" 组的 {confirmed} 个已确认分片，它们打不开任何内容：此处没有 escrow.json"),
            hint("if escrow.json was moved away, bring it back and use rewrap. Otherwise collect these shares and destroy them, then answer Yes or give --void-shares: the run then makes other material and new shares",
                 "若 escrow.json 已移走，请取回并使用 rewrap。否则请收回并销毁这些分片，然后回答 Yes 或使用 --void-shares：将生成新的材料和新的分片");
        /// As above, but too few were confirmed to recover anything.
        TooFew {
            set: BackupSet,
            confirmed: usize,
            threshold: u8,
        } => BACKUP_STRANDED,
            what("an earlier run confirmed {confirmed} of the shares of set \"{set}\", too few to recover anything ({threshold} are needed), and its ciphertext.json is not here",
                 "先前的运行留下了 \"{set}\" 组的 {confirmed} 个已确认分片，不足以恢复任何内容（恢复需 {threshold} 个），而此处没有其 ciphertext.json"),
            hint("collect these shares and destroy them, then answer Yes or give --void-shares: other material is made, with new shares",
                 "请收回并销毁这些分片，然后回答 Yes 或使用 --void-shares：将生成新的材料和新的分片");
        /// An interrupted recovery left confirmed new shares, and nobody agreed to void them.
        NewStranded {
            set: BackupSet,
            confirmed: usize,
        } => BACKUP_STRANDED,
            what("an earlier run confirmed {confirmed} of the new shares of set \"{set}\", but its ciphertext.json is not here",
                 "先前的运行留下了 \"{set}\" 组的 {confirmed} 个已确认的新分片，而此处没有其 ciphertext.json"),
            hint("the old shares still recover the material: collect the new ones and destroy them, then answer Yes or give --void-shares",
                 "旧分片仍可恢复材料：请收回并销毁这些新分片，然后回答 Yes 或使用 --void-shares");
        /// The record has no shares that are in force.
        NoShares => BACKUP_RECORD,
            what("the record contains no shares, or only void ones", "记录中没有分片，或其分片均已作废"),
            hint("give the transcript.jsonl of the ceremony that made the shares",
                 "请提供制作分片的那次仪式的 transcript.jsonl");
        /// The share does not belong to the record's set.
        OtherSet {
            found: BackupSet,
            record: BackupSet,
        } => BACKUP_RECORD,
            what("this share belongs to set \"{found}\"; the record's shares belong to set \"{record}\"",
                 "该分片属于 \"{found}\" 组；记录中的分片属于 \"{record}\" 组"),
            hint(find_the_sheet());
        /// The share is not the one that was confirmed under its number.
        NotConfirmed {
            number: u8,
        } => BACKUP_RECORD,
            what("this is not the share {number} that was confirmed when the set was made",
                 "这不是制作该组时所确认的第 {number} 个分片"),
            hint(find_the_sheet());
        /// The recovered secret differs from the record's commitment.
        Commitment => BACKUP_RECORD,
            what("the recovered secret does not match the commitment in the record", "分片恢复出的内容与记录中的承诺不符"),
            hint(try_others());
        /// The shares recover an escrow key, but no escrow was named.
        EscrowMissing => BACKUP_RECORD, class(Usage),
            what("these shares recover an escrow key, but no escrow was named",
                 "这些分片恢复的是托管密钥，而没有指定托管文件"),
            hint("give --escrow escrow.json", "请使用 --escrow escrow.json");
        EscrowNotNeeded => BACKUP_RECORD, class(Usage),
            what("these shares recover the material itself; there is no escrow",
                 "这些分片直接恢复密钥材料；不存在托管文件"),
            hint("leave out --escrow", "请去掉 --escrow");
        /// The escrow is not the one that the record names.
        OtherEscrow => BACKUP_RECORD,
            what("this escrow is not the one that the record names", "该托管文件不是记录中的那一个"),
            hint("give the escrow.json that the same run wrote; `sha256sum` must print the digest in the record",
                 "请提供同一次运行写出的 escrow.json；`sha256sum` 的结果应与记录一致");
        /// The record has no material for this key.
        UnknownKey(alias: Alias) => BACKUP_RECORD,
            what("the record has no material for key {alias}", "记录中没有密钥 {alias} 的密钥材料"),
            hint("name the keys to recover with --key, or give the record of the ceremony that made this key's material",
                 "请用 --key 指定要恢复的密钥，或提供生成该密钥材料的那次仪式的记录");
        /// The material of this key differs from the record's commitment, or has a length that the parameters
        /// do not accept.
        OtherMaterial(alias: Alias) => BACKUP_RECORD,
            what("the recovered material of key {alias} does not match the commitment in the record, or has another length",
                 "恢复出的密钥 {alias} 的材料与记录中的承诺不符，或长度不同"),
            hint(try_others());
    }
}

fn compare_word_by_word() -> Bilingual {
    bi!(
        "compare the sheet with the share, word by word; nothing has been wrapped for the medium yet",
        "请逐词核对纸张与分片；尚未写出任何密文"
    )
}

fn find_the_sheet() -> Bilingual {
    bi!(
        "find the right sheet: its head names the ceremony and the set",
        "请找到正确的纸张：其抬头写有仪式与分片组"
    )
}

fn try_others() -> Bilingual {
    bi!(
        "stop: nothing was written. Fill in an exception sheet and try other shares, or another copy of the record",
        "停止：没有写出任何文件。请填写异常单，并尝试其他分片或记录的另一份副本"
    )
}

/// Limit on the entries in the output folder, including its subfolders, that are compared with the folder for
/// shares.
pub(super) const MAX_ENTRIES: usize = 10_000;

refusals! {
    /// Why shares are not written into a folder. No secret exists yet at this point.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ShareFolder: Refused {
        /// The folder is the output folder, is inside it, or contains it.
        Medium(folder: PathBuf) => POSTURE_HOLDS,
            what("{} is on the medium that goes to the online station: shares never cross; nothing was generated",
                 "{} 位于将带往在线工作站的介质上：分片绝不跨越物理隔离；尚未生成任何内容", folder.display()),
            hint(name_a_private_folder());
        /// The output folder has more entries than can be compared.
        Crowded(out: PathBuf) => POSTURE_HOLDS,
            what("{} has more than {MAX_ENTRIES} entries, too many to make sure that the folder for shares is not one of them; nothing was generated",
                 "{} 中的条目超过 {MAX_ENTRIES} 个，无法确认分片文件夹不在其中；尚未生成任何内容", out.display()),
            hint("use an empty medium for the output", "请使用空白介质作为输出文件夹");
        /// In production, the folder is on the same device as the output, and that device is not memory.
        Device(folder: PathBuf) => POSTURE_HOLDS,
            what("{} is on the same device as the output folder: shares never cross; nothing was generated",
                 "{} 与输出文件夹位于同一设备：分片绝不跨越物理隔离；尚未生成任何内容", folder.display()),
            hint(name_a_private_folder());
        /// Other users can read, write or enter the folder, or it belongs to another user.
        Exposed {
            /// The folder.
            folder: PathBuf,
            /// Its mode.
            mode: u32,
        } => POSTURE_HOLDS,
            what("{} (mode {mode:04o}) is accessible to other users, and shares would be written there; nothing was generated",
                 "{}（模式 {mode:04o}）并非仅所有者可用，而分片将写在那里；尚未生成任何内容", folder.display()),
            hint(name_a_private_folder());
        /// In production, the folder is on a disk that stays in the machine.
        Stays {
            /// The folder.
            folder: PathBuf,
            /// The finding that shows that the disk stays.
            seen: Bilingual,
        } => POSTURE_HOLDS,
            what("{shown} is {first}, and shares would stay there; nothing was generated",
                 "{shown}：{first}，分片会留在那里；尚未生成任何内容", both first = seen.clone(); shown = folder.display()),
            hint(name_a_private_folder());
    }
}

fn name_a_private_folder() -> Bilingual {
    bi!(
        "name a folder in memory that only you can access: `mkdir -m 700 /dev/shm/shares`; or leave out --shares to show them on the screen",
        "请指定内存中仅属于您的文件夹：`mkdir -m 700 /dev/shm/shares`；或去掉 --shares，在屏幕上显示分片"
    )
}
