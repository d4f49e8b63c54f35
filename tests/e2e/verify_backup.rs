//! The backup in a record: accepted unchanged, and refused in every way in which it can differ from the plan; drills and recoveries are
//! compared with their shares' record.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::support::kms::Kms;
use crate::support::record::{audit, rechained};
use crate::support::shares::*;
use crate::support::*;
use keyferry_audit::record::{Audit, BackupFault, Expect, Folder, VerifyError};
use keyferry_core::transcript::{Said, Shared};
use keyferry_core::*;
use serde_json::json;

const REGION: &str = "ap-singapore";
const CUSTODIANS: [&str; 3] = ["Cy <b>", "王小明", "Eve"];

/// A ceremony with its own emulator; nobody signs with a key.
struct Ceremony {
    dir: tempfile::TempDir,
    /// `None` at the end: a static value is never dropped, so the emulator's process would not be ended.
    emulator: Option<EmulatorProcess>,
}

impl Ceremony {
    /// A finished ceremony, with its shares in `shares` and its record in `first`.
    fn hold(keys: &[&str]) -> Self {
        let (dir, emulator) =
            (tempfile::tempdir().unwrap(), EmulatorProcess::start(&["--wrapping-keys", "2"]));
        let this = Self { dir, emulator: Some(emulator) };
        fs::write(this.path("draft.toml"), plan("backed-1", keys, CUSTODIANS)).unwrap();
        for folder in ["first", "shares"] {
            private_folder(&this.path(folder));
        }
        this.online("create-key --plan draft.toml --out first/plan.toml --transcript first/transcript.jsonl")
            .ok();
        this.online("export --plan first/plan.toml --out first --session first.json").ok();
        let wrap = "wrap --plan first/plan.toml --parameters first/parameters.json --out first --shares files=shares";
        run_typing(&mut this.offline(wrap), &this.path("shares"), "Yes\n", lines).ok();
        this.online("import --session first.json --ciphertext first/ciphertext.json").ok();
        this
    }

    fn endpoint(&self) -> &str {
        &self.emulator.as_ref().unwrap().endpoint
    }

    fn over(mut self) -> Self {
        self.emulator = None;
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn folder(&self, name: &str) -> Folder {
        Folder::read(&self.path(name)).unwrap()
    }

    fn online(&self, line: &str) -> Run {
        run(online(line.split(' '), self.endpoint()).current_dir(self.dir.path()))
    }

    fn offline(&self, line: &str) -> Command {
        let mut command = offline(line.split(' '));
        command.current_dir(self.dir.path());
        command
    }

    fn shares(&self, folder: &str) -> Vec<String> {
        shares_in(&self.path(folder))
    }

    fn drill(&self, folder: &str, more: &str, typed: &[String]) -> Run {
        let line = format!("drill --transcript {folder}/transcript.jsonl{more}");
        run_with(&mut self.offline(&line), &format!("Yes\n{}", lines(typed)))
    }

    /// The next ceremony: a plan that names the earlier record, with new parameters in `second`.
    fn prepare_second(&self, people: [&str; 3]) {
        fs::create_dir(self.path("second")).unwrap();
        let first = fs::read_to_string(self.path("first/plan.toml")).unwrap();
        let head = audit(&self.folder("first")).record.unwrap().chain.head();
        let mut text = first.replace("backed-1", "backed-2");
        for (old, new) in CUSTODIANS.into_iter().zip(people) {
            text = text.replace(&format!("\"{old}\""), &format!("\"{new}\""));
        }
        let text = text.replace("[[key]]", &format!("[[key]]\nprevious_record = \"{head}\""));
        fs::write(self.path("second/plan.toml"), text).unwrap();
        self.online("export --plan second/plan.toml --out second --session second.json").ok();
    }
}

fn plan(ceremony: &str, keys: &[&str], people: [&str; 3]) -> String {
    let mut text =
        format!("format = \"keyferry/plan/2\"\nceremony = \"{ceremony}\"\npurpose = \"rehearsal\"\n");
    for (role, name) in
        [("operator", "Ada"), ("witness", "Bo")].into_iter().chain(people.map(|p| ("custodian", p)))
    {
        text += &format!("[[participant]]\nname = \"{name}\"\nrole = \"{role}\"\n");
        if name == people[0] {
            text += "[[participant]]\nname = \"Flo\"\nrole = \"custodian\"\n";
            text += &format!("deputy_of = \"{name}\"\n");
        }
    }
    for alias in keys {
        text += &format!(
            "[[key]]\nalias = \"{alias}\"\nprovider = \"tencent\"\nregion = \"{REGION}\"\nvalid_to = \"never\"\n"
        );
    }
    text + "[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n"
}

/// Two keys, three drills; never changed.
fn two_keys() -> &'static Ceremony {
    static ONE: OnceLock<Ceremony> = OnceLock::new();
    ONE.get_or_init(|| {
        let this = Ceremony::hold(&["one", "two"]);
        let shares = this.shares("shares");
        let escrow = " --escrow first/escrow.json";
        this.drill("first", escrow, &[shares[2].clone(), shares[0].clone()]).ok();
        this.drill("first", " --share", &shares[1..2]).ok();
        this.drill("first", escrow, &shares[..1]).refused(1, Control::SECRET_TYPED);
        this.over()
    })
}

fn one_key() -> &'static Ceremony {
    static ONE: OnceLock<Ceremony> = OnceLock::new();
    ONE.get_or_init(|| Ceremony::hold(&["only"]).over())
}

#[test]
fn a_record_says_who_has_the_shares_and_how_drills_went() {
    let ceremony = two_keys();
    let found = audit(&ceremony.folder("first"));
    assert_eq!(found.refusals, []);
    let kinds: Vec<_> = found.deviations.iter().map(|d| d.kind).collect();
    assert!(kinds.contains(&"drill-failed") && !kinds.contains(&"other-file"), "{kinds:?}");
    let result = run(program("keyferry").args(["verify", "--json"]).arg(ceremony.path("first"))).ok().json();
    let confirmed = result["shares"][0]["confirmed"].as_array().unwrap();
    let custodians: Vec<_> = confirmed.iter().map(|s| s["custodian"].as_str().unwrap()).collect();
    assert_eq!(custodians, CUSTODIANS);
    assert_eq!(
        (&result["shares"][0]["threshold"], &result["shares"][0]["gives"]),
        (&json!(2), &json!("escrow-key"))
    );
    assert_eq!(
        result["drills"],
        json!([{"time": result["drills"][0]["time"], "succeeded": 2, "failed": 0},
        {"time": result["drills"][1]["time"], "succeeded": 1, "failed": 0}])
    );
    for (lang, words) in [
        (
            "en",
            [
                "any 2 of 3",
                "all 3 read back, word for word",
                "shares 3 (Eve), 1 (Cy \\<b\\>) combined",
                "share 2 (王小明) proved",
                "refused or interrupted",
                "the key of escrow.json",
                "escrow.json with 2 keys",
            ],
        ),
        (
            "zh",
            [
                "3 个中的任意 2 个",
                "3 个均已逐词读回",
                "合并分片 3 (Eve)、1 (Cy \\<b\\>)",
                "验证分片 2 (王小明)",
                "被拒绝或中断",
                "escrow.json 的托管密钥",
                "escrow.json，含 2 个密钥",
            ],
        ),
    ] {
        let (html, md) = (ceremony.path(&format!("{lang}.html")), ceremony.path(&format!("{lang}.md")));
        let mut report = program("keyferry");
        report.args(["report", "--lang", lang]).arg(ceremony.path("first")).arg("--out").arg(&html);
        run(report.arg("--md").arg(&md)).ok();
        let (html, md) = (fs::read_to_string(html).unwrap(), fs::read_to_string(md).unwrap());
        for word in words {
            // The Markdown text; the HTML page has the same text with its own escapes.
            assert!(md.contains(word), "{lang}: {word} in {md}");
        }
        assert!(html.contains("Cy &lt;b&gt;") && html.contains("王小明"));
        for share in ceremony.shares("shares") {
            let words: Vec<_> = share.split(' ').skip(4).collect();
            for piece in words.windows(3) {
                assert!(!html.contains(&piece.join(" ")) && !md.contains(&piece.join(" ")));
            }
        }
        // The digests in the report are those of the files, including the escrow.
        let sums = md.split("```sh\n").find(|b| b.starts_with("sha256sum -c")).unwrap();
        let mut shell = Command::new("bash");
        shell.args(["-ec", sums.split("\n```").next().unwrap()]).current_dir(ceremony.path("first"));
        let said = String::from_utf8(shell.output().unwrap().stdout).unwrap();
        assert!(said.contains("escrow.json: OK"), "{said}");
    }
    let shown = run(program("keyferry").args(["verify", "--lang", "zh"]).arg(ceremony.path("first")));
    assert!(shown.ok().out.contains("已读回：1 Cy <b>、2 王小明、3 Eve"), "{}", shown.out);
}

/// The record with its lines changed; exactly this fault of its backup is found.
#[track_caller]
fn faulty(folder: &Folder, fault: BackupFault, edit: impl Fn(&mut Event)) {
    let found = audit(&rechained(folder, edit)).refusals;
    assert!(found.contains(&VerifyError::Backup(fault)), "expected {fault:?}, found {found:?}");
    assert_eq!(VerifyError::Backup(fault).control(), Control::VERIFY_BACKUP);
}

fn gone(event: &mut Event) {
    *event =
        Event::Note { by: Said::Open("Ada".parse().unwrap()), text: Said::Open("gone".parse().unwrap()) };
}

#[test]
fn a_backup_that_is_not_the_plan_s_is_refused() {
    // The drills are left out, because they name lines of the unchanged record.
    let many = Folder { drills: None, ..two_keys().folder("first") };
    let one = Folder { drills: None, ..one_key().folder("first") };
    assert_eq!(audit(&one).refusals, []);
    let mut cases = 0;
    for folder in [&one, &many] {
        assert_eq!(audit(&rechained(folder, |_| ())).refusals, [], "the control");
        for lost in 1..=3 {
            faulty(folder, BackupFault::NotConfirmed { number: lost }, |e| {
                if matches!(e, Event::ShareConfirmed { number, .. } if *number == lost) {
                    gone(e);
                }
            });
            faulty(folder, BackupFault::Custodian { number: lost }, |e| match e {
                Event::ShareConfirmed { number, custodian, .. } if *number == lost => {
                    *custodian = Some(Said::Open("Mallory".parse().unwrap()));
                }
                _ => {}
            });
            cases += 2;
        }
        faulty(folder, BackupFault::NotConfirmed { number: 2 }, |e| {
            if let Event::ShareConfirmed { number: number @ 2, .. } = e {
                *number = 1;
            }
        });
        faulty(folder, BackupFault::NoShares, |e| {
            if matches!(e, Event::SharesMade { .. }) {
                gone(e);
            }
        });
        faulty(folder, BackupFault::Scheme { threshold: 3, shares: 3 }, |e| {
            if let Event::SharesMade { threshold, .. } = e {
                *threshold = 3;
            }
        });
        faulty(folder, BackupFault::Gives, |e| {
            if let Event::SharesMade { gives, .. } = e {
                *gives = if *gives == Shared::Material { Shared::EscrowKey } else { Shared::Material };
            }
        });
        // The set is made void afterwards, and no other set is made.
        let set = audit(folder).record.unwrap().chain.lines().iter().find_map(|l| match &l.event {
            Event::SharesMade { set, .. } => Some(set.clone()),
            _ => None,
        });
        faulty(folder, BackupFault::NoShares, |e| {
            if matches!(e, Event::ShareConfirmed { number: 3, .. }) {
                *e = Event::SharesVoid { set: set.clone().unwrap(), confirmed: 2 };
            }
        });
        cases += 5;
    }
    faulty(&one, BackupFault::Gives, |e| {
        if let Event::SharesMade { commitment, .. } = e {
            *commitment = Commitment::of(&KeyMaterial::from_bytes(&[7; 32]).unwrap());
        }
    });
    faulty(&many, BackupFault::EscrowKeys, |e| {
        if matches!(e, Event::EscrowWritten { .. }) {
            gone(e);
        }
    });
    faulty(&many, BackupFault::EscrowKeys, |e| {
        if let Event::EscrowWritten { keys, .. } = e {
            *keys = 1;
        }
    });
    faulty(&many, BackupFault::Escrow, |e| {
        if let Event::EscrowWritten { escrow_sha256, .. } = e {
            *escrow_sha256 = Fingerprint::of(b"other");
        }
    });
    assert_eq!(cases + 4, 26);
    // A plan without a backup, and no line that says so.
    let (waived, none) = crate::support::record::ceremony();
    assert!(waived.record().exists());
    faulty(none, BackupFault::NotWaived, |e| {
        if matches!(e, Event::BackupWaived { .. }) {
            gone(e);
        }
    });
}

#[test]
fn another_escrow_or_another_drill_is_refused() {
    let whole = two_keys().folder("first");
    let missing = Folder { escrow: None, ..whole.clone() };
    assert_eq!(audit(&missing).refusals, [VerifyError::Missing { file: "escrow.json" }]);
    // Different material under the right digest: the entries are compared with the ciphertext.
    let (mut escrow, before) = artefact::parse::<Escrow>(whole.escrow.as_deref().unwrap()).unwrap();
    escrow.keys[1].commitment = escrow.keys[0].commitment;
    let bytes = artefact::to_bytes(&escrow).unwrap().to_vec();
    let swapped = Folder { escrow: Some(bytes.clone()), ..whole.clone() };
    assert_eq!(audit(&swapped).refusals, [VerifyError::Backup(BackupFault::Escrow)]);
    let swapped = Folder { drills: None, ..swapped };
    faulty(&swapped, BackupFault::Escrow, |e| {
        if let Event::EscrowWritten { escrow_sha256, .. } = e {
            assert_eq!(*escrow_sha256, before);
            *escrow_sha256 = Fingerprint::of(&bytes);
        }
    });
    // Drills for another set, share, plan or record; damaged drills; drills from another ceremony.
    let drilled = |edit: &dyn Fn(&mut Event)| {
        let drills = Folder { transcript: whole.drills.clone(), ..Folder::default() };
        let drills = rechained(&drills, edit).transcript;
        audit(&Folder { drills, ..whole.clone() }).refusals
    };
    assert_eq!(drilled(&|_| ()), [], "the control");
    type Edit<'a> = &'a dyn Fn(&mut Event);
    let edits: [Edit<'_>; 5] = [
        &|e| {
            if let Event::SharesCombined { set, .. } = e {
                *set = "academic acid".parse().unwrap();
            }
        },
        &|e| {
            if let Event::SharesCombined { record_head, .. } = e {
                **record_head = Fingerprint::of(b"x");
            }
        },
        &|e| {
            if let Event::SharesCombined { commitment, .. } = e {
                *commitment = Commitment::of(&KeyMaterial::from_bytes(&[7; 32]).unwrap());
            }
        },
        &|e| {
            if let Event::ShareProved { share_sha256, .. } = e {
                *share_sha256 = Fingerprint::of(b"x");
            }
        },
        &|e| {
            if let Event::Begun { plan_sha256, .. } = e {
                *plan_sha256 = Some(Fingerprint::of(b"x"));
            }
        },
    ];
    for edit in edits {
        let found = drilled(edit);
        assert!(matches!(found[..], [VerifyError::Backup(BackupFault::Drill { .. })]), "{found:?}");
    }
    let mut cut = whole.drills.clone().unwrap();
    cut.pop();
    let found = audit(&Folder { drills: Some(cut), ..whole.clone() }).refusals;
    assert!(
        matches!(found[..], [VerifyError::Drills(_)]) && found[0].to_string().contains("drills.jsonl"),
        "{found:?}"
    );
    let others = one_key();
    others.drill("first", "", &others.shares("shares")[..2]).ok();
    let foreign = fs::read(others.path("first/drills.jsonl")).unwrap();
    fs::remove_file(others.path("first/drills.jsonl")).unwrap();
    let found = audit(&Folder { drills: Some(foreign), ..whole }).refusals;
    assert!(matches!(found[..], [VerifyError::Backup(BackupFault::Drill { .. })]), "{found:?}");
}

#[test]
fn a_recovery_is_compared_with_the_record_before() {
    let ceremony = Ceremony::hold(&["one", "two"]);
    let own = ceremony.shares("shares");
    ceremony.prepare_second(CUSTODIANS);
    let key = {
        let plan = CeremonyPlan::parse(&fs::read(ceremony.path("first/plan.toml")).unwrap()).unwrap();
        plan.keys()[0].key_id().unwrap().to_string()
    };
    let rewrap = "rewrap --plan second/plan.toml --parameters second/parameters.json --out second --transcript first/transcript.jsonl \
                  --escrow first/escrow.json";
    run_with(&mut ceremony.offline(rewrap), &format!("Yes\n{}", lines(&own[1..]))).ok();
    ceremony.online("import --session second.json --ciphertext second/ciphertext.json --prove-backup").ok();
    assert_eq!(Kms::new(ceremony.endpoint(), REGION).state(&key), "Enabled");
    let (first, second) = (audit(&ceremony.folder("first")), ceremony.folder("second"));
    let compared = |folder: &Folder| {
        Audit::of(folder, &Expect { previous: vec![first.as_previous().unwrap()], ..Expect::default() })
    };
    let good = compared(&second);
    assert_eq!(good.refusals, []);
    assert!(!good.deviations.iter().any(|d| d.kind == "previous-record"));
    let (first_dir, second_dir) = (ceremony.path("first"), ceremony.path("second"));
    run(program("keyferry").arg("verify").arg(&second_dir).arg("--previous").arg(&first_dir)).ok();
    // The earlier record was not given: this is accepted, but reported.
    let alone = audit(&second);
    assert_eq!(alone.refusals, []);
    let line = alone.deviations.iter().find(|d| d.kind == "previous-record" && d.line.is_some());
    assert!(line.is_some_and(|d| d.text.en.contains("--previous")));
    // Recovered material is compared with the ciphertext, and shares with the earlier record.
    let other = Commitment::of(&KeyMaterial::from_bytes(&[7; 32]).unwrap());
    let found = audit(&rechained(&second, |e| {
        if let Event::MaterialRecovered { commitment, .. } = e {
            *commitment = Some(other);
        }
    }));
    assert!(found.refusals.iter().any(|e| e.control() == Control::VERIFY_KEY), "{:?}", found.refusals);
    let found = audit(&rechained(&second, |e| {
        if matches!(e, Event::MaterialRecovered { .. }) {
            gone(e);
        }
    }));
    assert!(found.refusals.iter().any(|e| e.control() == Control::VERIFY_KEY), "{:?}", found.refusals);
    faulty(&second, BackupFault::NotCombined, |e| {
        if matches!(e, Event::SharesCombined { .. }) {
            gone(e);
        }
    });
    type Edit<'a> = &'a dyn Fn(&mut Event);
    let edits: [Edit<'_>; 3] = [
        &|e| {
            if let Event::SharesCombined { record_head, .. } = e {
                **record_head = Fingerprint::of(b"x");
            }
        },
        &|e| {
            if let Event::SharesCombined { commitment, .. } = e {
                *commitment = other;
            }
        },
        &|e| {
            if let Event::SharesCombined { set, .. } = e {
                *set = "academic acid".parse().unwrap();
            }
        },
    ];
    for edit in edits {
        let found = compared(&rechained(&second, edit)).refusals;
        assert!(matches!(found[..], [VerifyError::PreviousShares { .. }]), "{found:?}");
        assert_eq!(found[0].control(), Control::VERIFY_PREVIOUS);
    }
}

/// One share was lost: while enough shares for the threshold remain, a new set can be made for other people; the old set opens nothing
/// in the new record.
#[test]
fn a_new_set_takes_the_place_of_one_that_lost_a_share() {
    for keys in [&["only"][..], &["one", "two"]] {
        let ceremony = Ceremony::hold(keys);
        let old = ceremony.shares("shares");
        ceremony.prepare_second(["Fay", "Guo", "Hal"]);
        private_folder(&ceremony.path("new"));
        let escrow = if keys.len() > 1 { " --escrow first/escrow.json" } else { "" };
        let rewrap = format!(
            "rewrap --plan second/plan.toml --parameters second/parameters.json --out second --transcript first/transcript.jsonl{escrow}"
        );
        let fresh = format!("{rewrap} --new-shares --shares files=new");
        // Interrupted while the new shares were handed out: nothing is lost, and the new shares become void only with consent.
        let two = |s: &[String]| lines(&s[..1]);
        let first = format!("Yes\n{}", lines(&old[1..]));
        run_typing(&mut ceremony.offline(&fresh), &ceremony.path("new"), &first, two)
            .refused(1, Control::SECRET_TYPED);
        assert!(!ceremony.path("second/ciphertext.json").exists());
        fs::remove_dir_all(ceremony.path("new")).unwrap();
        private_folder(&ceremony.path("new"));
        run_with(&mut ceremony.offline(&fresh), &first).refused(1, Control::BACKUP_STRANDED);
        let again = format!("{fresh} --void-shares");
        run_typing(&mut ceremony.offline(&again), &ceremony.path("new"), &first, lines).ok();
        ceremony
            .online("import --session second.json --ciphertext second/ciphertext.json --prove-backup")
            .ok();
        let new = ceremony.shares("new");
        let identifier = |share: &String| keyferry_slip39::Share::parse(share).unwrap().name().identifier;
        assert_ne!(identifier(&new[0]), identifier(&old[0]));
        let escrow = if keys.len() > 1 { " --escrow second/escrow.json" } else { "" };
        ceremony.drill("second", escrow, &new[..2]).ok();
        ceremony.drill("second", escrow, &old[..2]).refused(1, Control::BACKUP_RECORD);
        let first = audit(&ceremony.folder("first"));
        let second = ceremony.folder("second");
        let previous = vec![first.as_previous().unwrap()];
        let found = Audit::of(&second, &Expect { previous, ..Expect::default() });
        assert_eq!(found.refusals, []);
        let void = found.deviations.iter().filter(|d| d.kind == "shares-void").count();
        assert_eq!(void, 1, "{:?}", found.deviations);
        // New shares are compared with the plan like the first ones.
        let second = Folder { drills: None, ..second };
        faulty(&second, BackupFault::NotConfirmed { number: 3 }, |e| {
            if matches!(e, Event::ShareConfirmed { number: 3, .. }) {
                gone(e);
            }
        });
    }
}

#[test]
fn new_shares_need_a_plan_that_has_some() {
    let ceremony = one_key();
    let text = fs::read_to_string(ceremony.path("first/plan.toml")).unwrap();
    let backup = text.find("[backup]").unwrap();
    let text = format!("{}[backup]\nscheme = \"none\"\nreason = \"x\"\n", &text[..backup]);
    let room = Room::with_plan(&text);
    fs::copy(ceremony.path("first/transcript.jsonl"), room.path("earlier.jsonl")).unwrap();
    let line = "rewrap --plan plan.toml --parameters medium/parameters.json --out medium --transcript earlier.jsonl --new-shares --shares \
                files=medium";
    run(offline(line.split(' ')).current_dir(room.dir.path())).refused(1, Control::BACKUP_SCHEME);
    let alone = line.replace(" --new-shares", "");
    run(offline(alone.split(' ')).current_dir(room.dir.path())).refused(2, Control::USAGE);
}
