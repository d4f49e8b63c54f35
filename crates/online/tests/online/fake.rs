//! A service without a vendor and without HTTP, and a whole ceremony with it: the station needs only the trait.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use getrandom::SysRng;
use keyferry_core::provider::tencent::{FIPS, RSA_2048};
use keyferry_core::{
    Alias, Base64Bytes, CeremonyPlan, CheckedImport, Class, Endpoint, Fingerprint, ImportToken, KeyId,
    KeyMaterial, Origin as Source, Parameters, Region, Timestamp, Transcript, WrappingAlgorithm, artefact,
    bi,
};
use keyferry_online::{Open, Service};
use keyferry_service::{
    Answer, Certainty, Change, Clocks, Created, Fetched, KeyRef, KeyState, KeyView, Meaning, NewKey,
    NotReady, Origin, Probe, Proof, Random, Receipt, Refusal, Told,
};
use zeroize::Zeroizing;

use crate::kit::SPKI;
use crate::script;

/// What the service does with a call: whether it does the work, and whether the answer arrives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The work is done, the answer is lost.
    LostAnswer,
    /// The request is lost: nothing is done, and the station does not know that.
    LostRequest,
    /// Nothing was sent, and the station knows that.
    Unsent,
}

/// How the service mixes up its answers about several keys, and about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Muddle {
    /// The last key comes first.
    Reversed,
    /// The first key comes twice.
    Doubled,
    /// The first key comes twice, in two states.
    Contradicted,
    /// The first key is missing.
    LeftOut,
    /// Each answer is about the next key, even if only one key was asked about.
    Exchanged,
}

struct Key {
    view: KeyView,
    region: Region,
    /// The id of the latest parameters.
    token: Option<String>,
    /// The wrapped material, which never changes.
    material: Option<Vec<u8>>,
}

#[derive(Default)]
struct State {
    keys: BTreeMap<KeyId, Key>,
    /// Every call, in order.
    calls: Vec<&'static str>,
    /// The outcome of the next calls with this name.
    fates: Vec<(&'static str, Fate)>,
    muddle: Option<Muddle>,
}

impl State {
    /// What the service says about a key.
    fn view(&mut self, key: KeyRef<'_>) -> Answer<KeyView> {
        let view = found(self, key)?.view.clone();
        let mut others = self.keys.values().map(|key| &key.view).filter(|other| other.key_id != view.key_id);
        let other = others.next().filter(|_| self.muddle == Some(Muddle::Exchanged));
        Ok(other.cloned().unwrap_or(view))
    }
}

/// The answers about several keys, as the service returns them.
fn muddled<'k>(
    mut answers: Vec<(KeyRef<'k>, Answer<KeyView>)>,
    how: Option<Muddle>,
) -> Vec<(KeyRef<'k>, Answer<KeyView>)> {
    match how {
        Some(Muddle::Reversed) => answers.reverse(),
        Some(Muddle::Doubled) => answers.insert(1, answers[0].clone()),
        Some(Muddle::Contradicted) => {
            let mut first = answers[0].clone();
            first.1.as_mut().unwrap().state = KeyState::Archived;
            answers.push(first);
        }
        Some(Muddle::LeftOut) => drop(answers.remove(0)),
        Some(Muddle::Exchanged) | None => {}
    }
    answers
}

/// Shared by the runs of one test.
#[derive(Clone, Default)]
pub(crate) struct Fake(Arc<Mutex<State>>);

/// The service as one command sees it.
struct Opened(Fake, Endpoint);

fn refusal(meaning: Meaning, certainty: Certainty, passes: bool) -> Refusal {
    let (cause, next) = (bi!("the fake says {meaning:?}", "{meaning:?}"), bi!("run again", "重新运行"));
    let code = (!matches!(meaning, Meaning::Unsent | Meaning::Silence)).then(|| format!("{meaning:?}"));
    Told { code, short: format!("{meaning:?}"), meaning, certainty, passes, cause, who: None, next }.into()
}

impl Fake {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Sets the outcome of the next calls with these names.
    pub(crate) fn lose(&self, fates: &[(&'static str, Fate)]) {
        self.state().fates.extend_from_slice(fates);
    }

    /// Counts a call, does the work unless the request is lost, and answers unless the answer is lost.
    fn call<T>(&self, name: &'static str, work: impl FnOnce(&mut State) -> Answer<T>) -> Answer<T> {
        let mut state = self.state();
        state.calls.push(name);
        let fate = state.fates.iter().position(|(of, _)| *of == name).map(|n| state.fates.remove(n).1);
        match fate {
            Some(Fate::Unsent) => Err(refusal(Meaning::Unsent, Certainty::NotDone, false)),
            Some(Fate::LostRequest) => Err(refusal(Meaning::Silence, Certainty::Unknown, true)),
            Some(Fate::LostAnswer) => {
                drop(work(&mut state));
                Err(refusal(Meaning::Silence, Certainty::Unknown, true))
            }
            None => work(&mut state),
        }
    }

    /// Runs the station in that folder.
    pub(crate) fn run(&self, folder: &Path, line: &str) -> Result<(), Class> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let path = |word: &str| match word.starts_with("./") {
            true => folder.join(word).display().to_string(),
            false => word.to_owned(),
        };
        let more = script::answers(&words, folder);
        let journal = folder.join("journal").display().to_string();
        let typed = words.iter().map(|word| path(word)).chain(more);
        let common = ["--endpoint", "http://127.0.0.1:1", "--rate", "10000", "--journal", &journal];
        let args = ["keyferry-online".to_owned()].into_iter().chain(typed).chain(common.map(str::to_owned));
        let fake = self.clone();
        let open: Open = Box::new(move |_, endpoint, _| Ok(Box::new(Opened(fake.clone(), endpoint))));
        keyferry_online::run_over(args.map(OsString::from), open)
    }

    pub(crate) fn calls(&self, name: &str) -> usize {
        self.state().calls.iter().filter(|call| **call == name).count()
    }
}

fn found<'s>(state: &'s mut State, key: KeyRef<'_>) -> Answer<&'s mut Key> {
    let here = state.keys.get_mut(key.id).filter(|found| found.region == *key.region);
    here.ok_or_else(|| refusal(Meaning::NoSuchKey, Certainty::NotDone, false))
}

impl Service for Opened {
    fn create(&self, key: &NewKey<'_>) -> Answer<Created> {
        self.0.call("create", |state| {
            if state
                .keys
                .values()
                .any(|found| found.view.alias == key.alias.as_str() && found.region == *key.region)
            {
                return Err(refusal(Meaning::AliasTaken, Certainty::NotDone, false));
            }
            let n = state.keys.len();
            let key_id: KeyId = format!("00000000-0000-1000-8000-{n:012}").parse().unwrap();
            let view = KeyView {
                key_id: key_id.clone(),
                alias: key.alias.to_string(),
                description: key.description.unwrap_or_default().to_owned(),
                state: KeyState::PendingImport,
                origin: Origin::Imported("IMPORTED"),
                kind: Ok(&FIPS),
                valid_to: 0,
                deletion_date: None,
            };
            state.keys.insert(
                key_id.clone(),
                Key { view, region: key.region.clone(), token: None, material: None },
            );
            Ok(Created { key_id, request_id: format!("create-{n}") })
        })
    }

    fn look_up_one(&self, key: KeyRef<'_>) -> Answer<KeyView> {
        self.0.call("look_up_one", |state| state.view(key))
    }

    fn look_up<'k>(&self, keys: &[KeyRef<'k>]) -> Vec<(KeyRef<'k>, Answer<KeyView>)> {
        let all = self.0.call("look_up", |state| {
            let answers = keys.iter().map(|key| (*key, state.view(*key))).collect();
            Ok(muddled(answers, state.muddle))
        });
        all.unwrap_or_else(|refusal| keys.iter().map(|key| (*key, Err(refusal.clone()))).collect())
    }

    fn batch(&self) -> usize {
        10
    }

    fn fetch(&self, key: KeyRef<'_>, _: WrappingAlgorithm) -> Answer<Fetched> {
        self.0.call("fetch", |state| {
            let n = state.calls.len();
            let token = format!("token-{n}-{}", key.id);
            found(state, key)?.token = Some(token.clone());
            Ok(Fetched {
                public_key: Base64Bytes::decode(SPKI).unwrap(),
                wrapping_key: &RSA_2048,
                import_token: Some(ImportToken::new(Zeroizing::new(token)).unwrap()),
                expires_at: Some(Timestamp::from_unix(now().unix() + 86_400).unwrap()),
                request_id: format!("fetch-{n}"),
            })
        })
    }

    fn import(&self, import: &CheckedImport<'_>) -> Answer<Receipt> {
        self.0.call("import", |state| {
            let n = state.calls.len();
            let (region, id) = (&import.parameters.region, &import.ciphertext.key_id);
            let key = found(state, KeyRef { region, id })?;
            let sent = import.ciphertext.wrapped_material.as_bytes().to_vec();
            if key.token.as_deref() != import.import_token.map(ImportToken::expose) {
                return Err(refusal(Meaning::Content, Certainty::NotDone, false));
            }
            if key.material.as_ref().is_some_and(|held| *held != sent) {
                return Err(refusal(Meaning::OtherMaterial, Certainty::NotDone, false));
            }
            key.material = Some(sent);
            key.view.state = KeyState::Enabled;
            key.view.valid_to = import.valid_to.api_seconds();
            Ok(Receipt { request_id: format!("import-{n}") })
        })
    }

    fn prove(&self, key: KeyRef<'_>, _: &[u8; 32]) -> Answer<Proof> {
        self.0.call("prove", |state| {
            let works = found(state, key)?.view.state == KeyState::Enabled;
            Ok(if works { Proof::RoundTrip } else { Proof::Differs })
        })
    }

    fn list(&self, region: &Region, named: Option<&Alias>) -> Answer<Vec<KeyView>> {
        self.0.call("list", |state| {
            let here = state.keys.values().filter(|key| key.region == *region);
            let named = |key: &&Key| named.is_none_or(|alias| key.view.alias.contains(alias.as_str()));
            Ok(here.filter(named).map(|key| key.view.clone()).collect())
        })
    }

    fn change(&self, _: KeyRef<'_>, _: Change) -> Answer<Receipt> {
        Err(refusal(Meaning::Other, Certainty::NotDone, false))
    }
    fn regions(&self, _: Option<&Region>) -> Answer<Vec<Region>> {
        Ok(Vec::new())
    }
    fn is_enabled(&self, _: &Region) -> Answer<bool> {
        Ok(true)
    }
    fn probe(&self, _: &Region, _: bool) -> Vec<Probe> {
        Vec::new()
    }
    fn random(&self, _: &Region, _: u16) -> Answer<Random> {
        Err(refusal(Meaning::Other, Certainty::NotDone, false))
    }
    fn check_lasts(&self, _: usize, _: usize) -> Result<(), NotReady> {
        Ok(())
    }
    fn wait_again(&self, failed: u32) -> bool {
        failed < 3
    }
    fn clocks(&self) -> Option<Clocks> {
        None
    }
    fn endpoint(&self) -> &Endpoint {
        &self.1
    }
    fn proxy(&self) -> Option<&str> {
        None
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix(jiff::Timestamp::now().as_second()).unwrap()
}

/// A draft with this many keys in its own folder, each in the region that `region` names.
pub(crate) fn draft(keys: usize, region: impl Fn(usize) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text =
        "format = \"keyferry/plan/2\"\nceremony = \"fake-1\"\npurpose = \"rehearsal\"\n".to_owned();
    for n in 0..keys {
        let region = region(n);
        text += &format!(
            "[[key]]\nalias = \"key-{n}\"\nprovider = \"tencent\"\nregion = \"{region}\"\nkind = \"fips\"\nvalid_to = \"never\"\n"
        );
    }
    text += "[backup]\nscheme = \"none\"\nreason = \"test\"\n";
    fs::write(folder.path().join("draft.toml"), text).unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    folder
}

/// Does what the offline station does; returns the options that name its ciphertext.
fn wrap(folder: &Path) -> String {
    let plan = CeremonyPlan::parse(&fs::read(folder.join("plan.toml")).unwrap()).unwrap();
    let bytes = fs::read(folder.join("out/parameters.json")).unwrap();
    let (parameters, digest) = artefact::parse::<Parameters>(&bytes).unwrap();
    let checked = parameters.check(digest, &plan, now()).unwrap();
    let wrapped = checked.entries().iter().map(|entry| {
        let material = KeyMaterial::generate(entry.material().length, &mut SysRng).unwrap();
        checked.wrap(entry, &material, &mut SysRng).unwrap()
    });
    let ciphertext = checked.ciphertext(wrapped.collect(), Source::station(false, now())).unwrap();
    let bytes = artefact::to_bytes(&ciphertext).unwrap();
    fs::write(folder.join("out/ciphertext.json"), &bytes).unwrap();
    format!("--expect-digest {}", Fingerprint::of(&bytes))
}

pub(crate) const CREATE: &str =
    "create-key --plan ./draft.toml --out ./plan.toml --transcript ./out/transcript.jsonl";
pub(crate) const EXPORT: &str = "export --plan ./plan.toml --out ./out --session ./session.json";
pub(crate) const IMPORT: &str = "import --session ./session.json --ciphertext ./out/ciphertext.json";

/// A whole ceremony.
pub(crate) fn ceremony(fake: &Fake, folder: &Path) {
    fake.run(folder, CREATE).unwrap();
    fake.run(folder, EXPORT).unwrap();
    let digest = wrap(folder);
    fake.run(folder, &format!("{IMPORT} {digest}")).unwrap();
    let record = fs::read(folder.join("out/transcript.jsonl")).unwrap();
    Transcript::verify(&record).unwrap().unwrap();
}

#[test]
fn a_whole_ceremony_over_a_service_that_loses_replies() {
    let (fake, folder) = (Fake::default(), draft(3, |_| "ap-singapore".to_owned()));
    fake.lose(&[
        ("create", Fate::LostAnswer),
        ("create", Fate::LostRequest),
        ("fetch", Fate::LostAnswer),
        ("fetch", Fate::LostRequest),
        ("import", Fate::LostAnswer),
        ("import", Fate::LostRequest),
    ]);
    ceremony(&fake, folder.path());
    let state = fake.state();
    assert!(state.fates.is_empty());
    assert_eq!(state.keys.len(), 3, "a key exists twice");
    for key in state.keys.values() {
        assert_eq!((key.view.state, key.material.is_some()), (KeyState::Enabled, true), "{}", key.view.alias);
    }
    let calls = |name: &str| state.calls.iter().filter(|call| **call == name).count();
    // After a lost answer, the service is queried: no second key is requested if the first one exists already.
    assert_eq!((calls("create"), calls("fetch"), calls("import")), (4, 5, 5));
}

#[test]
fn what_was_not_sent_is_not_asked_about() {
    let (fake, folder) = (Fake::default(), draft(1, |_| "ap-singapore".to_owned()));
    fake.lose(&[("create", Fate::Unsent)]);
    assert_eq!(fake.run(folder.path(), CREATE), Err(Class::Remote));
    assert_eq!((fake.calls("create"), fake.calls("list")), (1, 0));
    ceremony(&fake, folder.path());
    // Different material for the same session: the journal says what the key took, and nothing is sent.
    let digest = wrap(folder.path());
    assert_eq!(fake.run(folder.path(), &format!("{IMPORT} {digest}")), Err(Class::Refused));
    assert_eq!(fake.calls("import"), 1);
}

#[test]
fn answers_go_to_the_keys_that_they_are_about() {
    for muddle in [Muddle::Reversed, Muddle::Doubled, Muddle::Contradicted, Muddle::LeftOut] {
        let (fake, folder) = (Fake::default(), draft(4, |_| "ap-singapore".to_owned()));
        fake.state().muddle = Some(muddle);
        ceremony(&fake, folder.path());
        let plan = CeremonyPlan::parse(&fs::read(folder.path().join("plan.toml")).unwrap()).unwrap();
        let state = fake.state();
        for key in plan.keys() {
            let found = &state.keys[key.key_id().unwrap()];
            assert_eq!(found.view.alias, key.alias.as_str(), "{muddle:?}");
            assert_eq!((found.view.state, found.material.is_some()), (KeyState::Enabled, true), "{muddle:?}");
        }
        // A key that is missing from an answer, or about which an answer contradicts itself, is looked up alone: at each of
        // the three steps that look keys up, and after the import.
        let alone = usize::from(matches!(muddle, Muddle::Contradicted | Muddle::LeftOut)) * 4;
        assert_eq!(state.calls.iter().filter(|call| **call == "look_up_one").count(), alone, "{muddle:?}");
    }
}

#[test]
fn an_answer_about_another_key_is_none() {
    let (fake, folder) = (Fake::default(), draft(3, |_| "ap-singapore".to_owned()));
    // The keys have the same alias: only their ids tell them apart.
    fake.run(folder.path(), CREATE).unwrap();
    fake.state().keys.values_mut().for_each(|key| key.view.alias = "key-0".to_owned());
    fake.state().muddle = Some(Muddle::Exchanged);
    assert_eq!(fake.run(folder.path(), EXPORT), Err(Class::Remote));
    assert_eq!((fake.calls("look_up"), fake.calls("fetch")), (2, 0));
    let status = "status --region ap-singapore --key-id 00000000-0000-1000-8000-000000000000";
    assert_eq!(fake.run(folder.path(), status), Err(Class::Remote));
    fake.state().muddle = None;
    fake.run(folder.path(), status).unwrap();
}
