//! Writes a cpio archive in the `newc` format, which the kernel unpacks as its first file system.
//!
//! Format: `Documentation/driver-api/early-userspace/buffer-format.rst` of the kernel. Everything belongs to root and has
//! the same time, so equal contents produce equal archives.

const MAGIC: &str = "070701";
const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const CHARACTER_DEVICE: u32 = 0o020_000;

/// An archive under construction.
#[derive(Debug, Default)]
pub(crate) struct Cpio {
    bytes: Vec<u8>,
    entries: u32,
}

impl Cpio {
    /// Adds a folder. Its parent folder must be added first.
    pub(crate) fn folder(&mut self, path: &str, permissions: u32) {
        self.entry(path, FOLDER | permissions, [0, 0], &[]);
    }

    /// Adds a file.
    pub(crate) fn file(&mut self, path: &str, permissions: u32, contents: &[u8]) {
        self.entry(path, FILE | permissions, [0, 0], contents);
    }

    /// Adds a character device by its major and minor number.
    pub(crate) fn device(&mut self, path: &str, permissions: u32, number: [u32; 2]) {
        self.entry(path, CHARACTER_DEVICE | permissions, number, &[]);
    }

    /// The finished archive.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.entries = 0;
        self.entry("TRAILER!!!", 0, [0, 0], &[]);
        self.bytes
    }

    /// The header is 13 numbers of eight hex digits; the name and the contents are each padded to four bytes.
    fn entry(&mut self, path: &str, mode: u32, [major, minor]: [u32; 2], contents: &[u8]) {
        let length = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let links = if mode & FOLDER == FOLDER { 2 } else { 1 };
        let size = length(contents.len());
        let name = length(path.len() + 1);
        let numbers = [self.entries, mode, 0, 0, links, 0, size, 0, 0, major, minor, name, 0];
        self.bytes.extend(MAGIC.bytes());
        for number in numbers {
            self.bytes.extend(format!("{number:08X}").bytes());
        }
        self.bytes.extend(path.bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend(contents);
        self.pad();
        self.entries += 1;
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_as_the_format_has_it() {
        let mut archive = Cpio::default();
        archive.folder("dev", 0o755);
        archive.device("dev/console", 0o600, [5, 1]);
        archive.file("init", 0o755, b"hello");
        let text = String::from_utf8(archive.finish()).unwrap();
        let zero = "00000000";
        let expected = [
            "070701",
            zero,
            "000041ED",
            zero,
            zero,
            "00000002",
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            "00000004",
            zero,
            "dev\0\0\0",
            "070701",
            "00000001",
            "00002180",
            zero,
            zero,
            "00000001",
            zero,
            zero,
            zero,
            zero,
            "00000005",
            "00000001",
            "0000000C",
            zero,
            "dev/console\0\0\0",
            "070701",
            "00000002",
            "000081ED",
            zero,
            zero,
            "00000001",
            zero,
            "00000005",
            zero,
            zero,
            zero,
            zero,
            "00000005",
            zero,
            "init\0\0hello\0\0\0",
            "070701",
            zero,
            zero,
            zero,
            zero,
            "00000001",
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            "0000000B",
            zero,
            "TRAILER!!!\0\0\0\0",
        ];
        assert_eq!(text, expected.concat());
        assert_eq!(text.len() % 4, 0);
    }
}
