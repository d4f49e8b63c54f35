//! Production in a namespace or with an inherited connection: refused on this machine as on every other. The virtual machine
//! shows that the same programs pass on a machine without a network (`cargo xtask vm`).

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use super::*;

/// Mounts what a container mounts, and runs the rest of the command without new privileges.
const CONTAINER: &str = "set -e; mount -t sysfs sysfs /sys; mkdir dev; mount -t tmpfs tmpfs dev
    for d in null zero full random urandom; do : >dev/$d; mount --bind /dev/$d dev/$d; done
    mount --rbind dev /dev; hostname container; exec setpriv --no-new-privs \"$@\"";
/// Makes init and `kthreadd` appear to have this process's network.
const COVERED: &str = "set -e; for p in 1 2; do mount --bind /proc/$$/net /proc/$p/net; done; exec \"$@\"";
const FRESH_SYSFS: &str = "set -e; mount -t sysfs sysfs /sys; exec \"$@\"";

/// Options of `unshare`, what is prepared inside, and the words that say why production refuses.
const SETUPS: [(&str, &str, &str); 8] = [
    ("-n", "exec \"$@\"", "a network namespace of its own"),
    ("-nm", COVERED, "another file system is mounted over it"),
    ("-rn", "exec \"$@\"", "a user namespace of its own"),
    ("-r", "exec \"$@\"", "a user namespace of its own"),
    ("-npfm --mount-proc", FRESH_SYSFS, "a PID namespace of its own"),
    ("-rnpfm --mount-proc", FRESH_SYSFS, "a user namespace of its own"),
    ("-npfmui --mount-proc", CONTAINER, "a PID namespace of its own"),
    ("-rnpfmui --mount-proc", CONTAINER, "a user namespace of its own"),
];

/// The command inside; `None` if the system does not permit these namespaces.
fn inside(options: &str, prepare: &str, folder: &Path, command: &Command) -> Option<Command> {
    let unshare = || {
        let mut unshare = program("unshare");
        let mut inner = Command::new("unshare");
        inner.args(options.split(' ')).args(["sh", "-c", prepare, "sh"]).current_dir(folder);
        inner.env_clear().envs(unshare.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
        std::mem::swap(&mut unshare, &mut inner);
        unshare
    };
    let permitted = unshare().arg("true").output().is_ok_and(|done| done.status.success());
    let _ = fs::remove_dir_all(folder.join("dev"));
    let mut inside = unshare();
    inside.arg(command.get_program()).args(command.get_args());
    permitted.then_some(inside)
}

#[test]
fn production_never_runs_where_the_machine_s_network_cannot_be_seen() {
    let (mut tried, mut skipped_here) = (0, 0);
    for (options, prepare, says) in SETUPS {
        let room = production("");
        let Some(mut wrap) = inside(options, prepare, room.dir.path(), &room.wrap(&[])) else {
            skipped(&format!("unshare {options}"));
            skipped_here += 1;
            continue;
        };
        let refused = run(&mut wrap);
        refused_for(&refused, "no-network");
        assert!(refused.err.contains(says), "{options}: {}", refused.err);
        untouched(&room);
        tried += 1;
    }
    assert_eq!(tried + skipped_here, SETUPS.len());
    eprintln!("{tried} of {} namespaces were tried", SETUPS.len());
}

#[test]
fn a_rehearsal_goes_on_in_a_namespace_and_names_it() {
    let room = rehearsal("");
    let Some(mut wrap) = isolated("true", &room.wrap(&[])) else { return skipped("network namespaces") };
    let done = run(&mut wrap);
    assert!(done.ok().err.contains("namespace of its own"), "{}", done.err);
    assert!(done.err.contains("A PRODUCTION ceremony would be refused"), "{}", done.err);
    assert!(format!("{:?}", record(&room)).contains("namespace of its own"));
    let chinese = run(isolated("true", &offline(["preflight"])).unwrap().args(["--lang", "zh"]));
    assert!(chinese.err.contains("命名空间"), "{}", chinese.err);
}

/// The command, started by bash after another line.
fn after(line: &str, room: &Room, command: &Command) -> Command {
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("{line}; exec \"$@\""), "bash"]).current_dir(room.dir.path());
    bash.arg(command.get_program()).args(command.get_args());
    bash.env_clear().envs(command.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
    bash
}

/// The program that started the tests may itself have left descriptors open.
const CLOSE: &str = "for n in /proc/self/fd/*; do n=${n##*/}; [ $n -le 2 ] || eval \"exec $n>&-\"; done";

#[test]
fn production_names_a_descriptor_that_it_was_started_with() {
    let room = production("");
    fs::write(room.path("held"), "").unwrap();
    let none = run(&mut after(CLOSE, &room, &room.wrap(&[])));
    assert!(none.err.contains("this machine") && !none.err.contains("open at the start"), "{}", none.err);
    for (open, says) in [
        ("exec 7<held", "descriptor 7 was open at the start: /"),
        ("exec 8> >(cat)", "descriptor 8 was open at the start: pipe:"),
    ] {
        let refused = run(&mut after(&format!("{CLOSE}; {open}"), &room, &room.wrap(&[])));
        refused_for(&refused, "no-network");
        assert!(refused.err.contains(says), "{}", refused.err);
        untouched(&room);
    }
}

#[test]
fn a_rehearsal_goes_on_with_a_descriptor_and_names_it() {
    let room = rehearsal("");
    let done = run(&mut after("exec 7</dev/null", &room, &room.wrap(&[])));
    assert!(done.ok().err.contains("descriptor 7 was open at the start: /dev/null"), "{}", done.err);
}

#[test]
fn production_names_a_standard_stream_that_is_a_socket() {
    let room = production("");
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut wrap = room.wrap(&[]);
    wrap.stdin(Stdio::null()).stdout(OwnedFd::from(theirs)).stderr(Stdio::piped());
    let done = wrap.spawn().unwrap().wait_with_output().unwrap();
    drop((ours, wrap));
    let refused =
        Run { code: done.status.code(), out: String::new(), err: String::from_utf8(done.stderr).unwrap() };
    refused_for(&refused, "no-network");
    assert!(refused.err.contains("descriptor 1 (standard output) is a socket"), "{}", refused.err);
    untouched(&room);
}
