//! Removes the chunks of a PNG file that a picture does not need: colour profiles and texts are compressed, and a few kilobytes can
//! unpack to hundreds of megabytes.

/// The chunks that pictures and animations need.
const NEEDED: [&[u8; 4]; 8] = [b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"IDAT", b"fdAT", b"IEND"];

/// Number of bytes around a chunk's data: the length and the type before it, and the CRC-32 after it.
const AROUND: usize = 12;

/// The signature and the needed chunks, unchanged. A chunk that is cut off is left out, and the decoder then reports that the
/// file is cut off.
pub(crate) fn needed(file: &[u8]) -> Vec<u8> {
    let (signature, mut rest) = file.split_at_checked(8).unwrap_or((file, &[]));
    let mut out = Vec::with_capacity(file.len());
    out.extend_from_slice(signature);
    while let Some((kind, chunk, after)) = next(rest) {
        if NEEDED.contains(&kind) {
            out.extend_from_slice(chunk);
        }
        rest = after;
    }
    out
}

/// The next chunk: its type, all its bytes, and the bytes after it.
fn next(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, after) = bytes.split_first_chunk::<4>()?;
    let kind = after.first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_add(AROUND)?;
    let (chunk, rest) = bytes.split_at_checked(length)?;
    Some((kind, chunk, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap();
        [&length.to_be_bytes()[..], kind, data, b"CRC."].concat()
    }

    #[test]
    fn chunks_that_no_picture_needs_are_left_out() {
        let signature = b"\x89PNG\r\n\x1a\n".to_vec();
        let kinds: [&[u8; 4]; 9] =
            [b"IHDR", b"iCCP", b"zTXt", b"PLTE", b"iTXt", b"tEXt", b"IDAT", b"eXIf", b"IEND"];
        let file = [vec![signature.clone()], kinds.iter().map(|k| chunk(k, *k)).collect()].concat().concat();
        let left = [b"IHDR", b"PLTE", b"IDAT", b"IEND"].map(|k| chunk(k, k));
        assert_eq!(needed(&file), [vec![signature], left.to_vec()].concat().concat());
    }

    #[test]
    fn whatever_is_cut_off_is_survived() {
        let file = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", b"header"), &chunk(b"IDAT", b"data")].concat();
        let whole = [8, 8 + 18, file.len()];
        for cut in 0..=file.len() {
            let kept = whole.into_iter().rfind(|end| *end <= cut).unwrap_or(cut);
            assert_eq!(needed(&file[..cut]), file[..kept], "{cut}");
        }
        assert_eq!(needed(&[&file[..8], &[0xff; 40]].concat()), file[..8]);
    }
}
