//! Tests each check on a simulated machine (a folder): what passes, each fault alone, and random damage.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use keyferry_core::plan::CeremonyPlan;
use keyferry_core::{Control, Explain, PostureDemand, Purpose};
use proptest::prelude::*;

use super::*;

mod other_namespace;
mod production;

/// A physical machine without a network, on which every check passes.
const MACHINE: &[(&str, &str)] = &[
    ("proc/self/net/dev", "Inter-|   Receive\n face |bytes\n    lo:       0       0\n"),
    ("proc/self/net/fib_trie", "Local:\n  |-- 127.0.0.1\n     /32 host LOCAL\n"),
    ("proc/self/net/route", "Iface\tDestination\n"),
    ("proc/self/net/igmp", "Idx\tDevice\n1\tlo        :     1      V3\n"),
    ("proc/self/net/dev_mcast", ""),
    ("proc/self/net/if_inet6", "00000000000000000000000000000001 01 80 10 80       lo\n"),
    ("proc/self/net/ipv6_route", "0 00 0 00 0 ffffffff 00000001 00000000 00200200       lo\n"),
    ("proc/sys/net/ipv6/x", ""),
    ("proc/swaps", "Filename\tType\tSize\n"),
    ("proc/meminfo", "MemTotal: 1 kB\nSwapTotal:             0 kB\n"),
    ("proc/cmdline", "quiet\n"),
    ("proc/consoles", "tty0                 -WU (EC  p  )    4:7\n"),
    ("proc/cpuinfo", "flags\t\t: fpu rdrand\n"),
    (
        "proc/self/limits",
        "Limit\nMax core file size        0                    0                    bytes\n",
    ),
    ("proc/self/status", "Name:\tx\nTracerPid:\t0\nUid:\tOWN\tOWN\tOWN\tOWN\n"),
    ("proc/self/exe", "program"),
    ("proc/sys/kernel/core_pattern", "core\n"),
    ("proc/sys/fs/suid_dumpable", "0\n"),
    ("proc/sys/kernel/yama/ptrace_scope", "2\n"),
    ("proc/sys/kernel/random/entropy_avail", "256\n"),
    ("sys/class/net/lo/flags", "0x9\n"),
    ("sys/class/misc/hw_random/rng_current", "tpm-rng-0\n"),
    ("sys/class/dmi/id/product_name", "ThinkPad\n"),
    ("sys/power/state", "freeze mem\n"),
    ("sys/kernel/security/lockdown", "none integrity [confidentiality]\n"),
    ("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "\u{6}\0\0\0\u{1}"),
    ("run/x", ""),
];

struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let this = Self(tempfile::tempdir().unwrap());
        fs::create_dir(this.out()).unwrap();
        fs::set_permissions(this.out(), fs::Permissions::from_mode(0o700)).unwrap();
        let own = std::os::unix::fs::MetadataExt::uid(&fs::metadata(this.out()).unwrap());
        for (path, text) in MACHINE {
            this.write(path, text.replace("OWN", &own.to_string()));
        }
        this.mount("tmpfs");
        // Init and the kernel's threads share this process's network, in the first namespaces.
        for process in ["1", "2"] {
            this.link("../self/net", &format!("proc/{process}/net"));
        }
        for namespace in ["user:[4026531837]", "pid:[4026531836]", "net:[4026531840]"] {
            let kind = namespace.split(':').next().unwrap();
            this.link(namespace, &format!("proc/self/ns/{kind}"));
        }
        this
    }

    fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, to: &str, path: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        symlink(to, path).unwrap();
    }

    fn remove_link(&self, path: &str) {
        fs::remove_file(self.0.path().join(path)).unwrap();
    }

    fn remove(&self, path: &str) {
        let path = self.0.path().join(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    /// The output folder is on a file system of this kind, on device 8:1.
    fn mount(&self, kind: &str) {
        let line = format!("22 1 8:1 / / rw,relatime shared:1 - {kind} /dev/sda1 rw\n");
        self.write("proc/self/mountinfo", line);
    }

    fn look(&self, secret: bool) -> Report {
        self.look_as(secret, super::namespace::KINDS.map(Some), &Descriptors::of(Ok(Vec::new())))
    }

    fn look_as(&self, secret: bool, kinds: [Option<u64>; 2], descriptors: &Descriptors) -> Report {
        let out = self.out();
        let output = Some(Output { folder: &out, secret });
        let time = |t: &str| Some(t.parse().unwrap());
        let subject = Subject {
            output,
            clock: time("2026-11-23T12:00:00Z"),
            window: time("2026-11-23T10:00:00Z").zip(time("2026-11-24T10:00:00Z")),
            program: Some(Fingerprint::of(b"program")),
            dumpable: Some(false),
            told: None,
            descriptors: Some(descriptors),
        };
        let own = self.0.path().join("proc/self/exe");
        let roots = Roots::under(self.0.path(), kinds);
        look(&roots, &subject, &crate::program::digest_of(&own))
    }

    fn seen(&self, check: PostureCheck) -> Seen {
        self.look(false).findings.into_iter().find(|f| f.check == check).unwrap().seen
    }
}

use PostureCheck as C;
use PostureVerdict::{Fail, Note, Pass};

#[test]
fn the_good_machine_passes_everything() {
    let report = Machine::new().look(true);
    for finding in &report.findings {
        assert_eq!(finding.seen.verdict, Pass, "{}: {:?}", finding.check, finding.seen.text);
        assert!(!finding.seen.text.zh.is_empty() && !mend::mend(finding.check).zh.is_empty());
    }
    let checks: Vec<_> = report.findings.iter().map(|f| f.check).collect();
    assert_eq!(checks, C::ALL[..16], "each once, in the order of the table");
    assert!(!report.exposed && report.program == Some(Fingerprint::of(b"program")));
}

/// The file, its new text (`None` if the file is missing), the check that detects the fault, the verdict, and
/// part of the finding's text.
type Fault = (&'static str, Option<&'static str>, PostureCheck, PostureVerdict, &'static str);

const FAULTS: &[Fault] = &[
    ("proc/self/net/dev", None, C::NoNetwork, Fail, "cannot be determined"),
    ("proc/self/net/dev", Some("what\never\n"), C::NoNetwork, Fail, "cannot be determined"),
    ("proc/self/net/dev", Some("Inter-|\n face\n lo: 0\n eth0: 0\n"), C::NoNetwork, Fail, "another network"),
    ("proc/self/net/route", Some("Iface\neth0\t00000000\n"), C::NoNetwork, Fail, "route by eth0"),
    ("proc/self/net/route", None, C::NoNetwork, Fail, "cannot be determined"),
    ("proc/self/net/fib_trie", Some("  |-- 10.0.0.2\n  /32 host LOCAL\n"), C::NoNetwork, Fail, "10.0.0.2"),
    ("proc/self/net/fib_trie", None, C::NoNetwork, Fail, "cannot be determined"),
    ("proc/self/net/if_inet6", Some("fe80 02 40 20 80 eth0\n"), C::NoNetwork, Fail, "eth0 fe80"),
    ("proc/self/net/if_inet6", Some("fe80 eth0\n"), C::NoNetwork, Fail, "cannot be determined"),
    ("proc/self/net/if_inet6", None, C::NoNetwork, Fail, "cannot be determined"),
    ("proc/self/net/ipv6_route", Some("0 1 2 3 4 5 6 7 8 wg0\n"), C::NoNetwork, Fail, "route by wg0"),
    ("proc/self/net/wireless", Some("Inter-|\n face |\n wlan0: 0000\n"), C::NoRadio, Fail, "wlan wlan0"),
    ("sys/class/ieee80211/phy0/x", Some(""), C::NoRadio, Fail, "phy0"),
    ("sys/class/bluetooth/hci0/x", Some(""), C::NoRadio, Fail, "hci0"),
    ("sys/class/wwan/wwan0/x", Some(""), C::NoRadio, Fail, "wwan0"),
    ("sys/class", None, C::NoRadio, Fail, "cannot be determined"),
    ("proc/swaps", Some("Filename\n/swap file 1 0 -2\n"), C::NoSwap, Fail, "/swap"),
    ("proc/swaps", Some("junk"), C::NoSwap, Fail, "cannot be determined"),
    ("proc/meminfo", Some("SwapTotal: 4 kB\n"), C::NoSwap, Fail, "4 KiB"),
    ("proc/meminfo", Some("SwapTotal: many\n"), C::NoSwap, Fail, "cannot be determined"),
    ("proc/meminfo", None, C::NoSwap, Fail, "cannot be determined"),
    ("sys/power/state", Some("mem disk\n"), C::NoHibernation, Note, "could"),
    ("proc/sys/kernel/core_pattern", Some("|/usr/lib/dump %p\n"), C::NoCoreDumps, Fail, "/usr/lib/dump"),
    ("proc/sys/kernel/core_pattern", None, C::NoCoreDumps, Fail, "cannot be determined"),
    (
        "proc/self/limits",
        Some("Max core file size  0  unlimited  bytes\n"),
        C::NoCoreDumps,
        Fail,
        "unlimited",
    ),
    ("proc/self/limits", Some("Max cpu time\n"), C::NoCoreDumps, Fail, "cannot be determined"),
    ("proc/self/status", Some("TracerPid:\t77\n"), C::NoTracer, Fail, "77"),
    ("proc/self/status", Some("Name: x\n"), C::NoTracer, Fail, "cannot be determined"),
    ("proc/self/status", None, C::NobodyElse, Fail, "cannot be determined"),
    ("proc/self/status", None, C::PrivateOutput, Fail, "cannot be determined"),
    ("proc/sys/kernel/yama/ptrace_scope", Some("0\n"), C::PtraceScope, Fail, "0"),
    ("proc/sys/kernel/yama/ptrace_scope", Some("9\n"), C::PtraceScope, Note, "9"),
    ("proc/sys/kernel/yama/ptrace_scope", None, C::PtraceScope, Note, "Yama"),
    ("sys/kernel/security/lockdown", Some("[none] integrity\n"), C::KernelLockdown, Fail, "none"),
    ("sys/kernel/security/lockdown", Some("none\n"), C::KernelLockdown, Note, "cannot be determined"),
    ("sys/kernel/security/lockdown", None, C::KernelLockdown, Note, "no lockdown"),
    ("proc/cpuinfo", Some("flags : fpu hypervisor\n"), C::BareMetal, Fail, "hypervisor"),
    ("proc/cpuinfo", None, C::BareMetal, Note, "cannot be determined"),
    ("sys/class/dmi/id/sys_vendor", Some("QEMU\n"), C::BareMetal, Fail, "QEMU"),
    ("sys/hypervisor/type", Some("xen\n"), C::BareMetal, Fail, "xen"),
    ("run/utmp", Some("short"), C::NobodyElse, Fail, "cannot be determined"),
    ("proc/consoles", None, C::NobodyElse, Fail, "cannot be determined"),
    ("proc/consoles", Some("tty0 -WU\nttyS0 -W-\n"), C::NobodyElse, Note, "also ttyS0"),
    ("proc/consoles", Some("hvc0 -W-\n"), C::NobodyElse, Note, "also hvc0"),
    ("proc/sys/kernel/random/entropy_avail", Some("12\n"), C::EntropySource, Fail, "12"),
    ("proc/sys/kernel/random/entropy_avail", Some("lots\n"), C::EntropySource, Fail, "cannot be determined"),
    ("proc/self/exe", Some("patched"), C::KnownProgram, Fail, "the plan says"),
    ("proc/self/exe", None, C::KnownProgram, Fail, "cannot be determined"),
    ("proc/self/mountinfo", None, C::MemoryOutput, Fail, "cannot be determined"),
    ("proc/self/mountinfo", Some("junk\n"), C::PrivateOutput, Fail, "cannot be determined"),
];

#[test]
fn every_single_fault_is_seen_by_its_check() {
    let mut tried = 0;
    for (path, text, check, verdict, says) in FAULTS {
        let machine = Machine::new();
        match text {
            Some(text) => machine.write(path, text),
            None => machine.remove(path),
        }
        let seen = machine.seen(*check);
        assert_eq!(seen.verdict, *verdict, "{path} → {check}: {:?}", seen.text);
        assert!(seen.text.en.contains(says), "{path} → {check}: {:?}", seen.text);
        assert_eq!(seen.holds, *verdict == Pass, "{path}");
        tried += 1;
    }
    assert_eq!(tried, FAULTS.len());
}

#[test]
fn an_interface_is_open_by_any_sign() {
    let with_eth0 = || {
        let machine = Machine::new();
        machine.write("proc/self/net/dev", "Inter-|\n face\n lo: 0\n eth0: 0\n");
        machine.write("sys/class/net/eth0/flags", "0x1002\n");
        machine.write("sys/class/net/eth0/operstate", "down\n");
        machine
    };
    let down = with_eth0().seen(C::NoNetwork);
    assert!(down.verdict == Pass && down.text.en.contains("down: eth0"), "{:?}", down.text);
    for (file, text, says) in [
        ("sys/class/net/eth0/flags", "0x1003\n", "up"),
        ("sys/class/net/eth0/carrier", "1\n", "carrier"),
        ("sys/class/net/eth0/operstate", "up\n", "operational"),
        ("sys/class/net/eth0/flags", "junk\n", "unknown"),
        ("proc/self/net/igmp", "Idx\n2\teth0  :  1\n", "up"),
    ] {
        let machine = with_eth0();
        machine.write(file, text);
        let seen = machine.seen(C::NoNetwork);
        assert!(seen.verdict == Fail && seen.text.en.contains(says), "{file} {text}: {:?}", seen.text);
    }
    // The `/sys` of another namespace proves nothing: it can show another interface, or the same name with
    // another number.
    let foreign = with_eth0();
    foreign.write("proc/self/net/dev_mcast", "7    eth0            1     0     333300000001\n");
    foreign.write("sys/class/net/eth0/ifindex", "2\n");
    foreign.write("sys/class/net/eth0/flags", "0x1003\n");
    let seen = foreign.seen(C::NoNetwork);
    assert_eq!(
        seen.text.en, "/sys shows the interfaces of another network",
        "down by its own namespace's list"
    );
    assert_eq!(seen.verdict, Fail);
    foreign.remove("proc/self/net/igmp");
    assert!(foreign.seen(C::NoNetwork).text.en.contains("eth0 in unknown state"), "nobody can tell");
    // A kernel without IPv6 has neither the files nor the settings.
    let v4 = Machine::new();
    for file in ["proc/self/net/if_inet6", "proc/self/net/ipv6_route"] {
        v4.remove(file);
    }
    assert_eq!(v4.seen(C::NoNetwork).verdict, Fail);
    v4.remove("proc/sys/net/ipv6");
    assert_eq!(v4.seen(C::NoNetwork).verdict, Pass);
}

#[test]
fn network_hardware_without_a_driver_is_named() {
    let machine = Machine::new();
    let says = || {
        let seen = machine.seen(C::NoNetwork);
        assert_eq!(seen.verdict, Pass);
        seen.text.en
    };
    machine.write("sys/bus/pci/devices/0000:00:01.0/class", "0x030000\n");
    machine.write("sys/bus/usb/devices/1-1:1.0/bInterfaceClass", "08\n");
    assert!(!says().contains("driver"));
    machine.write("sys/bus/pci/devices/0000:00:02.0/class", "0x020000\n");
    for (file, text) in [("Class", "02\n"), ("SubClass", "02\n"), ("Protocol", "ff\n")] {
        machine.write(&format!("sys/bus/usb/devices/1-2:1.0/bInterface{file}"), text);
    }
    assert!(says().ends_with("without a driver: PCI 0000:00:02.0, USB 1-2:1.0"), "{}", says());
    machine.write("sys/bus/pci/devices/0000:00:02.0/driver/x", "");
    assert!(says().ends_with("without a driver: USB 1-2:1.0"), "{}", says());
}

#[test]
fn a_blocked_radio_cannot_send() {
    let machine = Machine::new();
    machine.write("sys/class/ieee80211/phy0/x", "");
    let switch = |soft: &str, hard: &str| {
        for (file, text) in [("type", "wlan"), ("name", "phy0"), ("soft", soft), ("hard", hard)] {
            machine.write(&format!("sys/class/rfkill/rfkill0/{file}"), text);
        }
        machine.seen(C::NoRadio)
    };
    assert_eq!(switch("0", "0").verdict, Fail);
    assert!(switch("1", "0").text.en.contains("(soft)"));
    assert!(switch("0", "1").text.en.contains("(hard)") && switch("0", "1").verdict == Pass);
    machine.remove("sys/class/rfkill/rfkill0/hard");
    assert_eq!(machine.seen(C::NoRadio).verdict, Fail);
}

#[test]
fn hibernation_is_set_up_by_a_device_or_the_command_line() {
    let machine = Machine::new();
    machine.write("sys/power/state", "mem disk\n");
    machine.write("sys/power/resume", "0:0\n");
    machine.write("proc/cmdline", "quiet resume=/dev/sda2\n");
    assert!(machine.seen(C::NoHibernation).text.en.contains("resume=/dev/sda2"));
    machine.write("sys/power/resume", "8:2\n");
    assert_eq!(machine.seen(C::NoHibernation).verdict, Fail);
    machine.write("sys/power/disk", "[disabled]\n");
    assert_eq!(machine.seen(C::NoHibernation).verdict, Pass);
}

#[test]
fn who_can_reach_the_output() {
    let machine = Machine::new();
    let with = |mode: u32, kind: &str, secret: bool| {
        fs::set_permissions(machine.out(), fs::Permissions::from_mode(mode)).unwrap();
        machine.mount(kind);
        let report = machine.look(secret);
        let seen = &report.findings.iter().find(|f| f.check == C::PrivateOutput).unwrap().seen;
        (seen.verdict, seen.holds, report.exposed)
    };
    // The inputs are the folder's mode, its file system, and whether a secret is written to it. The expected
    // values are the verdict, whether the check holds, and whether a secret is exposed.
    for (mode, kind, secret, expected) in [
        (0o700, "ext4", true, (Pass, true, false)),
        (0o755, "ext4", false, (Note, true, false)),
        (0o755, "ext4", true, (Fail, false, false)),
        (0o711, "ext4", true, (Fail, false, false)),
        (0o777, "ext4", false, (Fail, false, false)),
        (0o777, "ext4", true, (Fail, false, true)),
        (0o1777, "ext4", true, (Fail, false, false)),
        (0o755, "vfat", true, (Fail, false, true)),
        (0o755, "vfat", false, (Note, true, false)),
        (0o700, "vfat", true, (Pass, true, false)),
    ] {
        assert_eq!(with(mode, kind, secret), expected, "{mode:o} {kind} {secret}");
    }
}

#[test]
fn where_the_output_stays() {
    let machine = Machine::new();
    let verdict = |kind: &str| {
        machine.mount(kind);
        machine.seen(C::MemoryOutput).verdict
    };
    assert_eq!((verdict("tmpfs"), verdict("rootfs")), (Pass, Pass));
    assert_eq!((verdict("nfs4"), verdict("ext4")), (Fail, Fail));
    // A partition is as removable as its disk.
    machine.write("sys/devices/pci/sda/removable", "0\n");
    machine.write("sys/devices/pci/sda/sda1/partition", "1\n");
    machine.write("sys/dev/block/x", "");
    let link = |to: &str| {
        let _ = fs::remove_file(machine.0.path().join("sys/dev/block/8:1"));
        symlink(format!("../../devices/{to}"), machine.0.path().join("sys/dev/block/8:1")).unwrap();
    };
    link("pci/sda/sda1");
    assert_eq!(verdict("ext4"), Fail);
    machine.write("sys/devices/pci/sda/removable", "1\n");
    assert_eq!(verdict("ext4"), Pass);
    // A USB disk that claims to be fixed.
    machine.write("sys/devices/usb1/sdb/removable", "0\n");
    machine.write("sys/devices/usb1/sdb/sdb1/partition", "1\n");
    link("usb1/sdb/sdb1");
    assert_eq!(verdict("vfat"), Pass);
    // btrfs hides its device number, so the device is found by the name that was mounted.
    fs::remove_file(machine.0.path().join("sys/dev/block/8:1")).unwrap();
    assert_eq!(verdict("btrfs"), Fail);
    machine.write("sys/class/block/x", "");
    symlink("../../devices/usb1/sdb/sdb1", machine.0.path().join("sys/class/block/sda1")).unwrap();
    assert_eq!(verdict("btrfs"), Pass);
}

#[test]
fn a_folder_that_is_read_only_takes_no_output() {
    for (mount, system) in [("ro", "rw"), ("rw", "ro"), ("ro", "ro")] {
        let machine = Machine::new();
        let line =
            format!("22 1 8:1 / / {mount},relatime shared:1 - vfat /dev/sda1 {system},errors=remount-ro\n");
        machine.write("proc/self/mountinfo", line);
        let seen = machine.seen(C::PrivateOutput);
        assert!(
            seen.verdict == Fail && seen.text.en.contains("read-only"),
            "{mount} {system}: {:?}",
            seen.text
        );
    }
}

fn record(user: &str, line: &str, host: &str) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0] = 7;
    for (at, text) in [(8, line), (44, user), (76, host)] {
        record[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    record
}

#[test]
fn who_else_is_logged_in() {
    let machine = Machine::new();
    let verdict = |records: &[Vec<u8>]| {
        machine.write("run/utmp", records.concat());
        machine.seen(C::NobodyElse).verdict
    };
    assert_eq!(verdict(&[record("ada", "tty1", "")]), Pass);
    assert_eq!(verdict(&[record("ada", "tty1", ""), record("ada", "tty2", "")]), Note);
    assert_eq!(verdict(&[record("ada", "tty1", ""), record("bo", "tty2", "")]), Fail);
    assert_eq!(verdict(&[record("ada", "pts/0", "198.51.100.7")]), Fail);
    machine.remove("run/utmp");
    let session = |text: &str| {
        machine.write("run/systemd/sessions/3", text);
        machine.seen(C::NobodyElse).verdict
    };
    assert_eq!(session("UID=1\nUSER=bo\nCLASS=user\nREMOTE=0\n"), Fail);
    assert_eq!(session("UID=1\nUSER=gdm\nCLASS=greeter\n"), Pass);
}

#[test]
fn the_clock_decides_nothing_and_is_shown() {
    let at = |clock: &str, told: Option<&str>| {
        let time = |t: &str| t.parse().unwrap();
        let window = Some((time("2026-11-23T10:00:00Z"), time("2026-11-24T10:00:00Z")));
        let subject =
            Subject { clock: Some(time(clock)), told: told.map(time), window, ..Subject::default() };
        clock::look(&subject).verdict
    };
    assert_eq!(at("2026-11-23T12:00:00Z", None), Pass);
    assert_eq!(at("2026-11-23T09:56:00Z", None), Pass, "five minutes are forgiven");
    assert_eq!(at("2026-11-23T09:54:00Z", None), Fail);
    assert_eq!(at("2026-11-24T10:00:00Z", None), Fail);
    assert_eq!(at("1970-01-01T00:00:10Z", None), Fail);
    assert_eq!(at("2026-11-23T12:00:00Z", Some("2026-11-23T18:00:00Z")), Note);
}

fn plan(purpose: &str, posture: &str) -> CeremonyPlan {
    let text = format!(
        "format = \"keyferry/plan/2\"\nceremony = \"t\"\npurpose = \"{purpose}\"\n\
         [[participant]]\nname = \"A\"\nrole = \"operator\"\n[[participant]]\nname = \"B\"\nrole = \"witness\"\n\
         [[key]]\nalias = \"k\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\n\
         [backup]\nscheme = \"none\"\nreason = \"a test\"\n{posture}"
    );
    CeremonyPlan::parse(text.as_bytes()).unwrap()
}

#[test]
fn production_refuses_what_a_rehearsal_is_told_of() {
    let machine = Machine::new();
    machine.write("proc/meminfo", "SwapTotal: 4 kB\n");
    let report = machine.look(false);
    let judge = |plan: &CeremonyPlan, lower: &[PostureCheck]| {
        let demands = Demands::of_plan(plan, lower)?;
        let told = report.findings.iter().filter(|f| demands.production_alone_refuses(f)).count();
        demand(&report, &demands).map(|fit| (told, fit.event()))
    };
    let refused = judge(&plan("production", ""), &[]).unwrap_err();
    assert_eq!(refused.control(), Control::POSTURE_HOLDS);
    assert!(refused.what().en.contains("no-swap (4 KiB") && refused.hint().en.contains("swapoff"));
    let (told, _) = judge(&plan("rehearsal", ""), &[]).unwrap();
    assert_eq!(told, 1);
    let listed = plan("rehearsal", "[posture]\nrequire = [\"no-swap\"]\n");
    assert_eq!(judge(&listed, &[]).unwrap_err().control(), Control::POSTURE_HOLDS);
    let (told, event) = judge(&listed, &[C::NoSwap]).unwrap();
    assert!(told == 1 && lowest(&event) == PostureDemand::Lowered);
    let waived = plan("production", "[[posture.waive]]\ncheck = \"no-swap\"\nreason = \"encrypted\"\n");
    let (told, event) = judge(&waived, &[]).unwrap();
    assert!(told == 0 && lowest(&event) == PostureDemand::Waived);
    // No flag lowers a check in production, or a check that is not required.
    let flag = judge(&plan("production", ""), &[C::NoSwap]).unwrap_err();
    assert_eq!(
        (flag.control(), plan("production", "").purpose()),
        (Control::POSTURE_WAIVER, Purpose::Production)
    );
    assert_eq!(judge(&listed, &[C::NoRadio]).unwrap_err().control(), Control::POSTURE_WAIVER);
}

/// The demand for the swap check.
fn lowest(event: &keyferry_core::Event) -> PostureDemand {
    let keyferry_core::Event::PostureChecked { findings, .. } = event else { panic!("{event:?}") };
    findings.iter().find(|f| f.check == C::NoSwap).unwrap().demand
}

#[test]
fn a_note_satisfies_no_requirement_unless_it_says_so() {
    let machine = Machine::new();
    machine.remove("proc/sys/kernel/yama/ptrace_scope");
    let required = plan("rehearsal", "[posture]\nrequire = [\"ptrace-scope\"]\n");
    let demands = Demands::of_plan(&required, &[]).unwrap();
    assert!(demand(&machine.look(false), &demands).is_err());
}

#[test]
fn a_required_check_that_was_not_made_is_refused() {
    let required = plan("rehearsal", "[posture]\nrequire = [\"no-swap\"]\n");
    let demands = Demands::of_plan(&required, &[]).unwrap();
    let mut report = Machine::new().look(false);
    assert!(demand(&report, &demands).is_ok());
    report.findings.retain(|f| f.check != C::NoSwap);
    assert_eq!(demand(&report, &demands).err(), Some(PostureError::Unmade(C::NoSwap)));
}

#[test]
fn by_hand_only_an_exposed_key_stops() {
    let machine = Machine::new();
    machine.write("proc/meminfo", "SwapTotal: 4 kB\n");
    assert!(demand(&machine.look(true), &Demands::by_hand()).is_ok());
    fs::set_permissions(machine.out(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(demand(&machine.look(false), &Demands::by_hand()).is_ok(), "ciphertext is no secret");
    let refused = demand(&machine.look(true), &Demands::by_hand()).unwrap_err();
    assert_eq!(refused.control(), Control::POSTURE_HOLDS);
}

#[test]
fn the_longest_event_fits_a_line() {
    let machine = Machine::new();
    let mut report = machine.look(false);
    for finding in &mut report.findings {
        finding.seen.text.en = "\u{202e}\"".repeat(5_000);
    }
    let event = demand(&report, &Demands::by_hand()).unwrap().event();
    assert!(serde_json::to_vec(&event).unwrap().len() < 15 * 1024);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// No damage causes a panic or loses a row, and a check that failed or cannot be determined satisfies no
    /// requirement.
    #[test]
    fn random_damage(
        at in 0..MACHINE.len(),
        junk in proptest::collection::vec(any::<u8>(), 0..600),
        cut in any::<prop::sample::Index>(),
    ) {
        let machine = Machine::new();
        machine.write("sys/power/resume", "8:2\n");
        let (path, text) = MACHINE[at];
        let mut bytes = text.as_bytes().to_vec();
        if !bytes.is_empty() {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.extend(&junk);
        machine.write(path, &bytes);
        machine.write("run/utmp", &junk);
        machine.write("proc/self/mountinfo", &junk);
        let report = machine.look(true);
        prop_assert_eq!(report.findings.len(), 16);
        for finding in report.findings {
            prop_assert_eq!(finding.seen.holds, finding.seen.verdict == Pass, "{:?}", finding);
        }
    }
}
