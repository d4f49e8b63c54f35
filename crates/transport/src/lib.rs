//! Moves artefacts through files, which are never half written and never overwritten, and through QR symbols,
//! as frames.
//!
//! The main functions are [`write_new`], which makes an output appear complete or not at all, [`read_capped`], which refuses
//! long files before it allocates, and [`TranscriptFile`], which appends events and survives a crash in the middle of a line.

mod capped_lines;
mod columns;
pub mod console;
mod error;
mod file;
pub mod frame;
mod growing;
mod harden;
pub mod help;
pub mod html;
mod judged_plan;
mod line_file;
mod new_folder;
pub mod note;
mod openings;
mod pending_lines;
pub mod printable;
mod private;
pub mod receive;
mod replaceable;
mod room;
mod secret_file;
mod shared_lines;
pub mod show;
mod streamed;
mod transcript_file;

pub use capped_lines::CappedLines;
pub use console::Console;
pub use error::{FileError, RecordError};
pub use file::{
    Access, Published, Unpublished, check_free, folder_of, is_empty_leftover, prepare_new, prepare_new_by,
    read_capped, read_secret, remove_empty_leftover, write_new, write_new_by,
};
pub use growing::whole_lines;
pub use harden::{HardenError, harden};
pub use judged_plan::judged_plan;
pub use line_file::{LineFile, make_line_files, sync_file_system};
pub use new_folder::NewFolder;
pub use note::NoteError;
pub use openings::{OPENINGS_FILE, Salts};
pub use private::{check_private_folder, read_private, read_private_by_link};
pub use replaceable::Replaceable;
pub use room::{check_record_room, check_room};
pub use secret_file::{SecretFile, SecretFileError, SecretOctets};
pub use shared_lines::{Put, SharedLines};
pub use streamed::Streamed;
pub use transcript_file::{Beside, TranscriptFile, read_transcript};
