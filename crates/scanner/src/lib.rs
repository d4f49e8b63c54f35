//! The scanner: reads QR symbols from pictures, a video or a camera, and writes them as text lines.
//!
//! Reading pictures needs a lot of third-party code, so the scanner is a separate program that holds no secret. It opens the named
//! files, drops its access to the file system, the network and other programs, and only then reads a byte. The stations read its
//! lines.
//!
//! The main function is [`decode_luma`], for callers that have a picture in memory. The modules:
//!
//! - `luma`: grey pictures and filters; `binarize`, `finder`, `sample`, `decode`: the steps from a picture to
//!   its symbols.
//! - `picture`, `png`: PNG, JPEG, GIF; `y4m`: video; `camera`, `pixels`: V4L2; `source`: their common interface.
//! - `args`, `scan`, `outlet`: the program. `trial`: the evaluation of the test page.

mod args;
mod binarize;
mod camera;
mod decode;
mod effort;
mod error;
mod finder;
mod foreign;
mod limits;
mod luma;
mod outlet;
mod picture;
mod picture_error;
mod pixels;
mod png;
mod sample;
mod scan;
mod source;
mod symbol;
mod trial;
mod y4m;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use keyferry_core::{Explain, bi};
use keyferry_sandbox::{Folders, Limits, Sandbox};
use keyferry_transport::console::exit_code;
use keyferry_transport::{Console, harden};

pub use camera::CameraError;
pub use decode::{Reading, decode, decode_luma};
pub use effort::Effort;
pub use error::{Error, ScanError, SourceError};
pub use limits::{MAX_ALL_PIXELS, MAX_FILE, MAX_FILES, MAX_FRAMES, MAX_PIXELS, MAX_RUN_PIXELS, MAX_SIDE};
pub use luma::Luma;
pub use picture::Pictures;
pub use picture_error::PictureError;
pub use pixels::{PixelLayout, brightness};
pub use source::FrameSource;
pub use symbol::{Corner, Symbol};
pub use y4m::Y4m;

/// Runs the program on a command line and returns its exit code: 0 symbols were printed, 1 none were read or something was
/// refused, 2 usage, 3 I/O.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Harden the process first; a failure is reported once there is a console.
    let hardened = harden();
    let typed: Vec<_> = args.into_iter().collect();
    let args = match args::Args::try_parse_from(&typed) {
        Ok(args) => args,
        Err(error) => return args::explain_usage(&typed, &error),
    };
    let console = Console::asked(args.lang.as_deref(), args.json, args.verbose);
    // A panic in third-party code is counted where it is caught; its message would only clutter the output. A build that
    // aborts on panic must print the message.
    if cfg!(panic = "unwind") {
        std::panic::set_hook(Box::new(|_| {}));
    }
    match hardened.map_err(Into::into).and_then(|()| start(&args, console)) {
        Ok(scan::Ended::Lines) => exit_code(Ok(())),
        Ok(scan::Ended::Refused(class)) => exit_code(Err(class)),
        Err(error) => {
            console.refuse_text(&error);
            exit_code(Err(error.class()))
        }
    }
}

/// Opens all inputs, then confines the process, and only then reads the first byte.
fn start(args: &args::Args, console: Console) -> Result<scan::Ended, Error> {
    source::raise_open_files();
    let sources = match &args.camera {
        Some(device) => vec![source::open_camera(device)?],
        None => source::open_all(&args.inputs)?,
    };
    confine(console);
    if args.test {
        return scan::test(sources, console);
    }
    scan::scan(sources, console, outlet::Wanted { any: args.any, repeats: args.all })
}

/// From here on, the process cannot use the file system or the network, or start other programs. A protection that the kernel
/// lacks is only reported: this process holds no secret, and a station treats its lines as hostile input.
fn confine(console: Console) {
    let limits = Limits { open_files: MAX_FILES as u64 + 64, ..Limits::CEREMONY };
    let confinement = Sandbox::new().limits(limits).camera().enter().narrow(&Folders::new());
    for lack in confinement.lacking() {
        let what = lack.what();
        console.say(&bi!("  not confined: {}", "  未受限：{}", what.get(console.lang())));
    }
}
