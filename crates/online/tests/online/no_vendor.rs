//! The station's own sources name no provider: one file picks the provider's crate.

use std::fs;
use std::path::Path;

use crate::words::vendors_words;

/// The one file that may.
const REGISTRY: &str = "providers.rs";

#[test]
fn the_station_names_no_vendor() {
    let (mut folders, mut read) = (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")], 0);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let named = vendors_words(product);
            let is_registry = path.ends_with(REGISTRY);
            assert_eq!(is_registry, !named.is_empty(), "{}: {named:?}", path.display());
            read += 1;
        }
    }
    assert!(read > 40, "{read} files");
}
