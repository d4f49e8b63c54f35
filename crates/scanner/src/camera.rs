//! A camera on Linux (V4L2): opening it negotiates the format and maps the buffers, so that afterwards only `ioctl` on
//! the open device is needed.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use keyferry_core::refusals;
use linuxvideo::format::{PixFormat, PixelFormat};
use linuxvideo::stream::ReadStream;
use linuxvideo::{BufType, Device};

use crate::luma::Luma;
use crate::picture_error::PictureError;
use crate::pixels::{PixelLayout, brightness};

/// The supported formats, from the cheapest to decode. Some drivers call their MJPG format JPEG.
const FORMATS: [([u8; 4], PixelLayout); 4] = [
    (*b"GREY", PixelLayout::Grey),
    (*b"YUYV", PixelLayout::Yuyv),
    (*b"MJPG", PixelLayout::Mjpeg),
    (*b"JPEG", PixelLayout::Mjpeg),
];

/// The requested size; the driver chooses the nearest size that it supports.
const WANTED: (u32, u32) = (1280, 720);

/// Number of consecutive frames that may be damaged; a camera's first frames often are.
const MAX_DAMAGED: u32 = 30;

refusals! {
    /// Why a camera delivers no pictures.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum CameraError: Io {
        /// The path is not a V4L2 device, or the device delivers no pictures.
        NoCamera(p: PathBuf) => SCAN_CAMERA,
            what("{} is not a camera", "{} 不是摄像头", p.display()),
            hint("look for /dev/video*; a camera often has two, and the second one sends no pictures",
                 "请查看 /dev/video*；一个摄像头常有两个设备，第二个不发送图像");
        /// The device offers no supported format.
        Formats {
            /// The device.
            path: PathBuf,
            /// The formats that it offers, as four characters each.
            offered: String,
        } => SCAN_CAMERA,
            what("the camera {} offers none of GREY, YUYV and MJPG, only: {offered}",
                 "摄像头 {} 不提供 GREY、YUYV 或 MJPG，只有：{offered}", path.display()),
            hint("let another program convert: `ffmpeg -i DEVICE -f yuv4mpegpipe -pix_fmt gray - | keyferry-scan -`",
                 "请用其他程序转换：`ffmpeg -i 设备 -f yuv4mpegpipe -pix_fmt gray - | keyferry-scan -`");
        /// The operating system refused.
        System {
            /// The device.
            path: PathBuf,
            /// The system's error.
            kind: io::ErrorKind,
        } => SCAN_CAMERA,
            what("camera {}: {kind}", "摄像头 {}：{kind}", path.display()),
            hint("check that it is plugged in, that no other program uses it, and that you are in the group video",
                 "请检查是否已插好、没有被其他程序占用，以及您是否在 video 组中");
        /// Too many consecutive frames are damaged.
        Damaged(p: PathBuf) => SCAN_CAMERA,
            what("the camera {} sends only damaged pictures", "摄像头 {} 只发送损坏的图像", p.display()),
            hint("try another cable, port or camera", "请更换线缆、接口或摄像头");
    }
}

/// An open camera, which is streaming.
pub(crate) struct Camera {
    path: PathBuf,
    stream: ReadStream,
    layout: PixelLayout,
    size: (u32, u32),
    stride: u32,
}

impl Camera {
    /// Opens a device such as `/dev/video0` and starts it.
    pub(crate) fn open(path: &Path) -> Result<Self, CameraError> {
        let system = |e: io::Error| CameraError::System { path: path.into(), kind: e.kind() };
        let kind = fs::metadata(path).map_err(system)?;
        if !kind.file_type().is_char_device() {
            return Err(CameraError::NoCamera(path.into()));
        }
        let device = Device::open(path).map_err(|e| match e.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy => system(e),
            _ => CameraError::NoCamera(path.into()),
        })?;
        let format = choose(&device, path)?;
        let (width, height) = WANTED;
        let asked = PixFormat::new(width, height, PixelFormat::from_fourcc(format));
        let capture = device.video_capture(asked).map_err(system)?;
        let (size, stride, layout) = agreed(capture.format(), path)?;
        let stream = capture.into_stream().map_err(system)?;
        Ok(Self { path: path.into(), stream, layout, size, stride })
    }

    /// The next picture; damaged frames are skipped.
    pub(crate) fn frame(&mut self) -> Result<Luma, CameraError> {
        for _ in 0..MAX_DAMAGED {
            let frame = self.stream.dequeue(|view| Ok((!view.is_error()).then(|| view.to_vec())));
            let frame = frame.map_err(|e| CameraError::System { path: self.path.clone(), kind: e.kind() })?;
            let picture = frame.map(|bytes| brightness(self.layout, &bytes, self.size, self.stride));
            if let Some(Ok(picture)) = picture {
                return Ok(picture);
            }
        }
        Err(CameraError::Damaged(self.path.clone()))
    }
}

/// The first of our formats that the device offers.
fn choose(device: &Device, path: &Path) -> Result<[u8; 4], CameraError> {
    let offered: Vec<[u8; 4]> = device
        .formats(BufType::VIDEO_CAPTURE)
        .filter_map(Result::ok)
        .map(|f| f.pixel_format().as_fourcc())
        .collect();
    preferred(&offered).ok_or_else(|| formats(path, &offered))
}

fn preferred(offered: &[[u8; 4]]) -> Option<[u8; 4]> {
    FORMATS.iter().map(|(name, _)| *name).find(|name| offered.contains(name))
}

/// The format on which the driver and this program agreed.
fn agreed(format: &PixFormat, path: &Path) -> Result<((u32, u32), u32, PixelLayout), CameraError> {
    let name = format.pixel_format().as_fourcc();
    let layout = FORMATS.iter().find(|(known, _)| *known == name).map(|(_, layout)| *layout);
    let layout = layout.ok_or_else(|| formats(path, &[name]))?;
    let size = (format.width(), format.height());
    crate::luma::checked_area(size.0, size.1)
        .map_err(|_: PictureError| CameraError::NoCamera(path.into()))?;
    Ok((size, format.bytes_per_line(), layout))
}

fn formats(path: &Path, offered: &[[u8; 4]]) -> CameraError {
    let names: Vec<_> = offered.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    CameraError::Formats { path: path.into(), offered: names.join(" ") }
}

#[cfg(test)]
mod tests {
    use keyferry_core::{Control, Explain};

    use super::*;

    #[test]
    fn the_format_with_the_least_to_decode_is_taken() {
        assert_eq!(preferred(&[*b"MJPG", *b"YUYV", *b"H264"]), Some(*b"YUYV"));
        assert_eq!(preferred(&[*b"MJPG", *b"GREY"]), Some(*b"GREY"));
        assert_eq!(preferred(&[*b"H264", *b"NV12"]), None);
    }

    #[test]
    fn what_the_driver_answers_is_checked() {
        let path = Path::new("/dev/video9");
        let answer =
            |w, h, name: &[u8; 4]| agreed(&PixFormat::new(w, h, PixelFormat::from_fourcc(*name)), path);
        assert_eq!(answer(640, 480, b"YUYV").unwrap().0, (640, 480));
        assert!(matches!(answer(640, 480, b"NV12"), Err(CameraError::Formats { .. })));
        assert!(matches!(answer(0, 480, b"GREY"), Err(CameraError::NoCamera(_))));
    }

    #[test]
    fn what_is_no_camera_is_refused() {
        for path in ["/dev/null", "/proc/self/status", "/tmp"] {
            assert!(matches!(Camera::open(Path::new(path)), Err(CameraError::NoCamera(_))), "{path}");
        }
        let gone = Camera::open(Path::new("/dev/no-such-video")).err().unwrap();
        assert_eq!(gone.control(), Control::SCAN_CAMERA);
        assert!(matches!(gone, CameraError::System { kind: io::ErrorKind::NotFound, .. }));
    }
}
