//! The kernel modules to load, and their order: each comes after those that it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::run::Stop;

/// The modules for USB sticks with three file systems, and for a network card that exists but is down.
///
/// The checksums are loaded by name because other modules request them without listing them.
const WANTED: [&str; 14] = [
    "xhci_pci",
    "usb_storage",
    "crct10dif_generic",
    "crc64_rocksoft_generic",
    "sd_mod",
    "nls_cp437",
    "nls_ascii",
    "nls_utf8",
    "vfat",
    "msdos",
    "exfat",
    "crc32c_generic",
    "ext4",
    "dummy",
];

/// The name and the contents of every module, in the order in which `insmod` must load them.
pub(crate) fn in_order(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Stop> {
    ordered(folder, &WANTED)
}

fn ordered(folder: &Path, wanted: &[&str]) -> Result<Vec<(String, Vec<u8>)>, Stop> {
    let mut paths = BTreeMap::new();
    find(folder, &mut paths).map_err(|e| Stop::failed(format!("{}: {e}", folder.display())))?;
    let mut order = Order { paths, seen: BTreeSet::new(), loaded: Vec::new() };
    for name in wanted {
        order.load(name)?;
    }
    Ok(order.loaded)
}

/// Every module file below a folder, by the module's name.
fn find(folder: &Path, paths: &mut BTreeMap<String, PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, paths)?;
        } else if path.extension().is_some_and(|e| e == "ko") {
            paths.insert(name(&path.file_stem().unwrap_or_default().to_string_lossy()), path);
        }
    }
    Ok(())
}

/// File names have hyphens where names of modules have underscores.
fn name(text: &str) -> String {
    text.replace('-', "_")
}

struct Order {
    paths: BTreeMap<String, PathBuf>,
    seen: BTreeSet<String>,
    loaded: Vec<(String, Vec<u8>)>,
}

impl Order {
    fn load(&mut self, module: &str) -> Result<(), Stop> {
        if !self.seen.insert(module.to_owned()) {
            return Ok(());
        }
        let path = self.paths.get(module);
        let path = path.ok_or_else(|| Stop::failed(format!("the kernel package has no module {module}")))?;
        let bytes = std::fs::read(path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))?;
        for needed in needs(&bytes) {
            self.load(&needed)?;
        }
        self.loaded.push((module.to_owned(), bytes));
        Ok(())
    }
}

/// The modules that a module needs: its `.modinfo` section has the text `depends=a,b` between two zeros.
fn needs(module: &[u8]) -> Vec<String> {
    let text = module.split(|b| *b == 0).find_map(|text| text.strip_prefix(b"depends="));
    let text = String::from_utf8_lossy(text.unwrap_or_default()).into_owned();
    text.split(',').filter(|needed| !needed.is_empty()).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_names_what_it_needs() {
        assert_eq!(
            needs(b"\x7fELF\0license=GPL\0depends=scsi_mod,t10-pi\0name=sd_mod\0"),
            ["scsi_mod", "t10_pi"]
        );
        assert!(needs(b"\0depends=\0").is_empty());
        assert!(needs(b"no section").is_empty());
    }

    #[test]
    fn modules_come_after_those_they_need() {
        let folder = std::env::temp_dir().join(format!("keyferry-modules-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("deep")).unwrap();
        let write = |path: &str, text: &str| {
            std::fs::write(folder.join(path), format!("\0depends={text}\0")).unwrap()
        };
        write("top.ko", "middle-one,bottom");
        write("deep/middle-one.ko", "bottom");
        write("bottom.ko", "");
        let loaded = ordered(&folder, &["top", "middle_one"]);
        let missing = ordered(&folder, &["other"]);
        std::fs::remove_dir_all(&folder).unwrap();
        let names: Vec<_> = loaded.unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["bottom", "middle_one", "top"]);
        assert!(missing.is_err());
    }
}
