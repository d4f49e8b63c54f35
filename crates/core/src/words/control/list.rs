// The one list of controls, in the order of `ceremony/operate/controls.md`: name, id, what is required, who refuses, what to do, in English and
// 简体中文. `control.rs` takes the ids and the English requirements; the rest is for the pages alone, and `cargo xtask controls` writes them.
// Each file has the controls of one room; a room's sections follow each other on the page.

include!("list/keys.rs");
include!("list/files.rs");
include!("list/room.rs");
include!("list/record.rs");
include!("list/media.rs");
include!("list/service.rs");
include!("list/hsm.rs");
include!("list/programs.rs");

list! { KEYS FILES ROOM RECORD MEDIA SERVICE HSM PROGRAMS }
