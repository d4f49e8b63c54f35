// The one list of controls, in the order of `ceremony/operate/controls.md`: name, id, what is required, who refuses, what to do, in English and
// 简体中文. `control.rs` takes the ids and the English requirements; the rest is only for the pages, which `cargo xtask controls` writes. Each
// file has the controls of one area, whose sections follow each other on the page.

include!("list/keys_controls.rs");
include!("list/files_controls.rs");
include!("list/room_controls.rs");
include!("list/record_controls.rs");
include!("list/media_controls.rs");
include!("list/service_controls.rs");
include!("list/hsm_controls.rs");
include!("list/programs_controls.rs");

list! { KEYS FILES ROOM RECORD MEDIA SERVICE HSM PROGRAMS }
