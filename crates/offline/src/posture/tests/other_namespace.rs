//! Tests simulated machines on which this process does not see all of the machine's own network.

use keyferry_core::bi;

use super::*;

const KINDS: [Option<u64>; 2] = [Some(0x9fa0), Some(0x6265_6572)];

fn fails(machine: &Machine, says: &str) {
    let seen = machine.seen(C::NoNetwork);
    assert_eq!((seen.verdict, seen.holds), (Fail, false), "{says}: {:?}", seen.text);
    assert!(seen.text.en.contains(says), "{says}: {:?}", seen.text);
    assert!(!seen.text.zh.is_empty() && !seen.text.zh.contains(says), "{:?}", seen.text);
}

/// The network of a process in a separate namespace, with no interface except `lo`.
fn own_network(machine: &Machine, process: &str) {
    machine.write(&format!("proc/{process}/net/dev"), "Inter-|   Receive\n face |bytes\n    lo: 0 0\n");
    for file in ["igmp", "fib_trie", "route", "if_inet6", "ipv6_route"] {
        machine.write(&format!("proc/{process}/net/{file}"), "");
    }
}

#[test]
fn the_first_namespaces_with_nothing_in_use_pass() {
    let seen = Machine::new().seen(C::NoNetwork);
    assert_eq!((seen.verdict, seen.text.en.as_str()), (Pass, "only lo; no address, no route"));
}

#[test]
fn a_sysfs_of_a_networked_machine_fails() {
    let machine = Machine::new();
    machine.write("sys/class/net/eth0/flags", "0x1003\n");
    machine.write("sys/class/net/eth0/operstate", "up\n");
    fails(&machine, "/sys shows the interfaces of another network");
}

#[test]
fn an_empty_network_namespace_fails() {
    for process in ["1", "2"] {
        let machine = Machine::new();
        machine.remove_link(&format!("proc/{process}/net"));
        own_network(&machine, process);
        fails(&machine, "a network namespace of its own");
    }
}

#[test]
fn a_fresh_proc_of_a_pid_namespace_fails() {
    let machine = Machine::new();
    machine.link("pid:[4026532201]", "proc/self/ns/pid");
    fails(&machine, "a PID namespace of its own");
    machine.remove_link("proc/self/ns/pid");
    fails(&machine, "cannot be determined");
}

#[test]
fn a_user_namespace_fails() {
    for number in ["user:[4026532300]", "user:[402653183]", "pid:[4026531837]", ""] {
        let machine = Machine::new();
        machine.remove_link("proc/self/ns/user");
        if !number.is_empty() {
            machine.link(number, "proc/self/ns/user");
        }
        fails(
            &machine,
            if number.is_empty() { "cannot be determined" } else { "a user namespace of its own" },
        );
    }
}

#[test]
fn proc_and_sys_of_another_kind_fail() {
    let tmpfs = Some(0x0102_1994);
    for (kinds, says) in [
        ([tmpfs, KINDS[1]], "/proc is not"),
        ([KINDS[0], tmpfs], "/sys is not"),
        ([None, KINDS[1]], "/proc is not"),
        ([KINDS[1], KINDS[0]], "/proc is not"),
    ] {
        let report = Machine::new().look_as(false, kinds, &Descriptors::of(Ok(Vec::new())));
        let seen = &report.findings.iter().find(|f| f.check == C::NoNetwork).unwrap().seen;
        assert!(seen.verdict == Fail && seen.text.en.contains(says), "{:?}", seen.text);
    }
    let machine = Machine::new();
    machine.remove("proc/sys/net");
    fails(&machine, "cannot be determined");
    let [proc, sys] = super::super::namespace::kinds(Path::new("/proc"), Path::new("/"));
    assert!(proc == KINDS[0] && sys.is_some_and(|kind| Some(kind) != KINDS[1]), "the kernel's own answer");
}

#[test]
fn first_processes_that_cannot_be_seen_fail() {
    for process in ["1", "2"] {
        let machine = Machine::new();
        machine.remove_link(&format!("proc/{process}/net"));
        fails(
            &machine,
            &format!("cannot be determined: {}/proc/{process}/net/dev", machine.0.path().display()),
        );
    }
}

#[test]
fn another_namespace_is_a_network_if_anything_in_it_is_in_use() {
    let machine = Machine::new();
    own_network(&machine, "77");
    // This process has ended.
    machine.write("proc/78/comm", "");
    assert_eq!(machine.seen(C::NoNetwork).verdict, Pass, "services often have an empty one");
    machine.write("proc/77/net/dev", "Inter-|\n face\n lo: 0\n eth0: 0\n");
    assert_eq!(machine.seen(C::NoNetwork).verdict, Pass, "there and down");
    for (file, text, says) in [
        ("igmp", "Idx\n2\teth0  :  1\n", "(process 77): eth0 up"),
        ("fib_trie", "  |-- 10.0.0.2\n  /32 host LOCAL\n", "(process 77): address 10.0.0.2"),
        ("if_inet6", "fe80 02 40 20 80 eth0\n", "(process 77): eth0 fe80"),
        ("route", "Iface\neth0\t00000000\n", "(process 77): route by eth0"),
        ("route", "\u{1}", "(process 77)"),
    ] {
        own_network(&machine, "77");
        machine.write("proc/77/net/dev", "Inter-|\n face\n lo: 0\n eth0: 0\n");
        machine.write(&format!("proc/77/net/{file}"), text);
        fails(&machine, says);
    }
    own_network(&machine, "77");
    machine.remove("proc/77/net/igmp");
    fails(&machine, "cannot be determined");
}

#[test]
fn a_namespace_that_a_mount_keeps_fails() {
    let machine = Machine::new();
    let root = "22 1 8:1 / / rw,relatime shared:1 - tmpfs /dev/sda1 rw\n";
    let mount =
        |number: u64| format!("{root}43 22 0:4 net:[{number}] /run/netns/lan rw shared:9 - nsfs nsfs rw\n");
    machine.write("proc/self/mountinfo", mount(4_026_532_500));
    fails(&machine, "a network namespace is kept at /run/netns/lan");
    machine.write("proc/self/mountinfo", mount(4_026_531_840));
    assert_eq!(machine.seen(C::NoNetwork).verdict, Pass, "this process's own");
}

#[test]
fn what_was_open_at_the_start_is_named() {
    let machine = Machine::new();
    let seen = |descriptors: &Descriptors| {
        let report = machine.look_as(false, KINDS, descriptors);
        report.findings.into_iter().find(|f| f.check == C::NoNetwork).unwrap().seen
    };
    let open = seen(&Descriptors::of(Ok(vec![bi!("descriptor 7 is open", "描述符 7 已打开")])));
    assert!(
        open.verdict == Fail && open.text.en == "descriptor 7 is open" && open.text.zh == "描述符 7 已打开"
    );
    let unread = seen(&Descriptors::of(Err(ErrorKind::PermissionDenied)));
    assert!(unread.verdict == Fail && unread.text.en.contains("cannot be determined"));
    let never = network::look(&Roots::under(machine.0.path(), KINDS), None);
    assert!(never.verdict == Fail && never.text.en.contains("cannot be determined"));
}
