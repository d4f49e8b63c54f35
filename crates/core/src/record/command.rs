//! The commands of the programs, by name: one list for each program that has commands.
//!
//! Each program declares its command line from its list, or the compiler checks that the two agree. The table of borders in the
//! tests matches on the lists exhaustively, so it does not compile if it has no row for a command.

/// Declares the list of a program's commands, each with the word that is typed.
macro_rules! commands {
    ($program:literal $list:ident: $($command:ident $word:literal,)+) => {
        #[doc = concat!("A command of `", $program, "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $list {
            $(#[doc = concat!("`", $word, "`.")] $command,)+
        }

        impl $list {
            /// Every command, in the order of the help page.
            pub const ALL: &'static [Self] = &[$(Self::$command),+];

            /// The program.
            pub const PROGRAM: &'static str = $program;

            /// The word that is typed.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$command => $word,)+
                }
            }
        }
    };
}

commands! { "keyferry-offline" OfflineCommand:
    Preflight "preflight",
    Inspect "inspect",
    Wrap "wrap",
    Rewrap "rewrap",
    Drill "drill",
    Generate "generate",
    Encrypt "encrypt",
    Note "note",
    Show "show",
    Receive "receive",
    About "self",
}

commands! { "keyferry-online" OnlineCommand:
    CreateKey "create-key",
    Export "export",
    Import "import",
    RebuildJournal "rebuild-journal",
    CheckAccess "check-access",
    Status "status",
    DeleteMaterial "delete-material",
    ScheduleDeletion "schedule-deletion",
    CancelDeletion "cancel-deletion",
    Enable "enable",
    Disable "disable",
    Note "note",
    Random "random",
    Show "show",
    Receive "receive",
}

commands! { "keyferry-hsm" HsmCommand:
    Inspect "inspect",
    Probe "probe",
    Bench "bench",
    Wrap "wrap",
    Rewrap "rewrap",
}

commands! { "keyferry" DeskCommand:
    Rehearse "rehearse",
    Emulate "emulate",
    Plan "plan",
    Verify "verify",
    Sign "sign",
    AllowedSigners "allowed-signers",
    Report "report",
    Archive "archive",
    Bench "bench",
}
