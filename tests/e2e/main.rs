//! The real programs, end to end: one test program, a module for each promise.
//!
//! It is one program, because thirty programs would each compile and link the shared code. Its tests run in parallel, so none of them may
//! change the machine: tests that need this run in the virtual machine (`cargo xtask vm`).

#[path = "../../fuzz/src/lib.rs"]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub
)]
mod fuzz;

mod archive;
mod assurance;
mod backup;
mod backup_killed;
mod backup_many;
mod bad_input;
mod bench;
mod borders;
mod check_access;
mod check_script;
mod compared;
mod confinement;
mod create_killed;
mod dumps;
mod emulator_malformed;
mod emulator_state;
mod end_to_end;
mod entropy;
mod fault_matrix;
mod fixtures_0_1;
mod formats_page;
mod front_door;
mod full_medium;
mod fuzz_smoke;
mod hsm;
mod interop_openssl;
mod key_life;
mod keyferry_program;
mod killed;
mod linear_verify;
mod many_in_record;
mod many_keys;
mod mutated_record;
mod network_attempt;
mod openings;
mod plan_compared;
mod plan_judged;
mod planted;
mod posture;
mod practice;
mod rebuild_journal;
mod receive;
mod recovery_page;
mod report_record;
mod residue;
mod rewrap_killed;
mod runbook;
mod secrets_stay;
mod self_test;
mod share_programs;
mod share_screen;
mod share_sheet;
mod show;
mod sign_record;
mod snapshots;
mod spec_citations;
mod superseded;
mod support;
mod tls_openssl;
mod verify_backup;
mod verify_record;
mod version_2;
mod window;

/// The second process of [`dumps`].
#[test]
#[ignore = "run by the other tests, in a separate process"]
fn attacker() {
    dumps::attacker();
}

/// The second process of [`support::Without`].
#[test]
#[ignore = "run by the other tests, in a separate process"]
fn without() {
    support::without();
}
