//! Why a file or a folder is in a place where it must not be.

use std::path::PathBuf;

use keyferry_core::refusals;

refusals! {
    /// Why a place is wrong.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum PlaceError: Refused {
        /// The session is in the folder that crosses, or below it.
        Inside {
            /// The session.
            session: PathBuf,
            /// The folder.
            medium: PathBuf,
        } => SESSION_APART,
            what("{} is in {}, the folder that crosses: the import tokens would go with it. Nothing was sent",
                 "{} 位于要传递的文件夹 {} 之内：导入令牌会随之传出。未发送任何请求", session.display(), medium.display()),
            hint("give --session a file outside of that folder, on this station's own disk",
                 "请用 --session 指定该文件夹之外、本工作站自有磁盘上的文件");
        /// The session is on the device that crosses.
        Device {
            /// The session.
            session: PathBuf,
            /// The folder.
            medium: PathBuf,
        } => SESSION_APART,
            what("{} is on the same device as {}, and the journal is on another one: the import tokens would be on the medium. Nothing was sent",
                 "{} 与 {} 在同一设备上，而操作台账在另一设备上：导入令牌会留在介质上。未发送任何请求", session.display(), medium.display()),
            hint("give --session a file on the disk that has the journal", "请用 --session 指定操作台账所在磁盘上的文件");
        /// The journal is in the folder that crosses, or below it.
        JournalInside {
            /// The journal.
            journal: PathBuf,
            /// The folder.
            medium: PathBuf,
        } => FILE_PRIVATE,
            what("{} is in {}, the folder that crosses: people who carry it could rewrite this station's memory. Nothing was sent",
                 "操作台账 {} 位于要传递的文件夹 {} 之内：携带它的人可以改写本工作站的记忆。未发送任何请求", journal.display(), medium.display()),
            hint("give --journal a folder on this station's own disk, outside of that folder",
                 "请用 --journal 指定本工作站自有磁盘上、该文件夹之外的文件夹");
        /// The journal is on the device that crosses.
        JournalDevice {
            /// The journal.
            journal: PathBuf,
            /// The folder.
            medium: PathBuf,
        } => FILE_PRIVATE,
            what("{} is on the same device as {}, and that device is not this station's own disk: people who carry it could rewrite this \
                  station's memory. Nothing was sent",
                 "操作台账 {} 与 {} 在同一设备上，而该设备不是本工作站自有的磁盘：携带它的人可以改写本工作站的记忆。未发送任何请求",
                 journal.display(), medium.display()),
            hint("give --journal a folder on this station's own disk, or leave it out", "请用 --journal 指定本工作站自有磁盘上的文件夹，或省略该选项");
        /// The folder that goes out contains a file that only the offline station writes.
        WayBack(path: PathBuf) => FILE_EXISTS,
            what("{} exists already: it is a file that only the offline station writes. Nothing was sent",
                 "{} 已存在：它是返回途中的文件。未发送任何请求", path.display()),
            hint("export into an empty folder on a fresh medium. If nobody knows where that file came from, keep it and find out",
                 "请导出到新介质上的空文件夹。若无人知道该文件的来历，请保留并查明");
    }
}
