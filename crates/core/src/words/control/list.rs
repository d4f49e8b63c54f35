// The one list of controls, in the order of `ceremony/operate/controls.md`: name, id, what is required, who refuses, what to do, in English and
// 简体中文. `control.rs` takes the ids and the English requirements; the rest is only for the pages, which `cargo xtask controls` writes. Each
// file has the controls of one area, whose sections follow each other on the page.

include!("list/keys.rs");
include!("list/files.rs");
include!("list/room.rs");
include!("list/record.rs");
include!("list/media.rs");
include!("list/service.rs");
include!("list/hsm.rs");
include!("list/programs.rs");

list! { KEYS FILES ROOM RECORD MEDIA SERVICE HSM PROGRAMS }
