//! Frames: a length, and that many bytes. The length is checked before anything is read.

use std::io::{self, Read, Write};

/// Longest frame in bytes: the maximum number of tokens, with the longest texts.
pub(crate) const MAX_FRAME: usize = 128 * 1024;

/// Writes one frame.
pub(crate) fn write_frame(to: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= MAX_FRAME);
    let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(body)?;
    to.flush()
}

/// The length of a frame, if it is within the limit.
pub(crate) fn frame_length(header: [u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(header)).ok().filter(|length| *length <= MAX_FRAME)
}

/// Reads one frame, for the child; `None` at the end of input.
pub(crate) fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut header = [0; 4];
    match from.read_exact(&mut header) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e),
    }
    let length = frame_length(header).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_was_and_a_long_one_is_refused_before_it_is_read() {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, b"{}").unwrap();
        assert_eq!(read_frame(&mut pipe.as_slice()).unwrap().unwrap(), b"{}");
        assert!(read_frame(&mut [].as_slice()).unwrap().is_none());
        assert!(write_frame(&mut Vec::new(), &vec![0; MAX_FRAME + 1]).is_err());
        let long = u32::try_from(MAX_FRAME + 1).unwrap().to_be_bytes();
        assert_eq!(frame_length(long), None);
        assert_eq!(read_frame(&mut long.as_slice()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
