//! Recognizes unsupported kinds of files by their first bytes, so that the refusal can say what to convert.

/// How many bytes are needed to recognize the kind.
pub(crate) const HEAD: usize = 16;

/// The kind of file, if it is one of those that phones, scanners and printers make.
pub(crate) fn kind(head: &[u8]) -> Option<&'static str> {
    let starts: [(&[u8], &str); 7] = [
        (b"BM", "BMP"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"%PDF-", "PDF"),
        (b"<svg", "SVG"),
        (b"<?xml", "SVG"),
        (b"\x1aE\xdf\xa3", "WebM"),
    ];
    if let Some((_, name)) = starts.into_iter().find(|(start, _)| head.starts_with(start)) {
        return Some(name);
    }
    match (head.get(..4)?, head.get(4..8)?, head.get(8..12)?) {
        (b"RIFF", _, b"WEBP") => Some("WebP"),
        (b"RIFF", _, b"AVI ") => Some("AVI"),
        (_, b"ftyp", brand) => Some(of_brand(brand)),
        _ => None,
    }
}

/// ISO base media files (ISO/IEC 14496-12), by their major brand.
fn of_brand(brand: &[u8]) -> &'static str {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" => "HEIC",
        b"avif" | b"avis" => "AVIF",
        b"qt  " => "MOV",
        _ => "MP4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_named_by_its_first_bytes() {
        for (head, name) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0"[..], "HEIC"),
            (b"\0\0\0\x1cftypmif1", "HEIC"),
            (b"\0\0\0\x1cftypavif", "AVIF"),
            (b"\0\0\0\x14ftypqt  ", "MOV"),
            (b"\0\0\0\x20ftypisom", "MP4"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
            (b"RIFF\x24\0\0\0AVI LIST", "AVI"),
            (b"BM6\0", "BMP"),
            (b"II*\0", "TIFF"),
            (b"MM\0*", "TIFF"),
            (b"%PDF-1.7", "PDF"),
            (b"<svg xmlns", "SVG"),
        ] {
            assert_eq!(kind(head), Some(name));
        }
        for head in [
            &b""[..],
            b"B",
            b"RIFF\x24\0\0\0WAVEfmt ",
            b"hello, this is no",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        ] {
            assert_eq!(kind(head), None);
        }
    }
}
