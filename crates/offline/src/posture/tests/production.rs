//! `preflight` and production reach the same verdict on the same machine.

use keyferry_core::transcript::MemoryKind;
use keyferry_sandbox::{FoldersError, MemoryError, SandboxError, SyscallsError};

use super::*;
use crate::confine::is_required;
use crate::posture::Tried;

const LACKING: [SandboxError; 4] = [
    SandboxError::Privileges,
    SandboxError::Syscalls(SyscallsError::Refused),
    SandboxError::Folders(FoldersError::Missing),
    SandboxError::Folders(FoldersError::Refused),
];

const MEMORIES: [MemoryKind; 3] = [MemoryKind::SecretPages, MemoryKind::LockedPages, MemoryKind::Unlocked];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Production accepts exactly the machines that `preflight` calls fit, whatever faults they have, whatever parts of the
    /// sandbox they lack, and whatever kind of memory they have.
    #[test]
    fn preflight_says_what_production_will_say(
        faults in proptest::collection::vec(0..FAULTS.len(), 0..3),
        lacking in proptest::sample::subsequence(LACKING.to_vec(), 0..=LACKING.len()),
        memory in proptest::sample::select(MEMORIES.to_vec()),
        waived in proptest::sample::subsequence(C::BASELINE.to_vec(), 0..=C::BASELINE.len()),
    ) {
        let machine = Machine::new();
        for (path, text, ..) in faults.into_iter().map(|n| FAULTS[n]) {
            match text {
                Some(text) if !machine.0.path().join(path).is_dir() => machine.write(path, text),
                _ if machine.0.path().join(path).exists() => machine.remove(path),
                _ => {}
            }
        }
        let waivers = waived.iter().filter(|check| **check != C::NoNetwork);
        let waivers = waivers.map(|c| format!("[[posture.waive]]\ncheck = \"{c}\"\nreason = \"a test\"\n"));
        let demands = Demands::of_plan(&plan("production", &waivers.collect::<String>()), &[]).unwrap();
        let tried = Tried { lacking: lacking.clone(), abi: 2, memory };
        let preflight = demand(&machine.look(false).with(&tried), &demands);
        let unlocked = (memory == MemoryKind::Unlocked).then_some(SandboxError::Memory(MemoryError::Lock));
        let stopped = lacking.into_iter().chain(unlocked).any(|lack| is_required(&lack, &demands));
        let production = demand(&machine.look(false), &demands).is_ok() && !stopped;
        prop_assert_eq!(preflight.is_ok(), production, "{:?}", preflight.err());
    }
}
