//! The audit of a record: every check, every refusal, every deviation, and who signed.

use std::collections::{HashMap, HashSet};

use keyferry_core::{Fingerprint, PlanKey, Purpose, Story};

use super::course::Courses;
use super::deviation::{self, Deviation, OTHER_FILE};
use super::people::people;
use super::{
    Files, Folder, KeyRecord, Message, Person, Previous, Record, RecordSignature, SIGNATURES, VerifyError,
    backup, clock, commands, course, crossings, held, keys, life, machine, previous, purpose, said, sums,
};

/// The values that the auditor knows in advance and that the record must match.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// Production or rehearsal.
    pub purpose: Option<Purpose>,
    /// The head as written on paper.
    pub head: Option<Fingerprint>,
    /// Records of earlier ceremonies for the same keys.
    pub previous: Vec<Previous>,
}

/// One participant, and whether they signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Identity, such as `witness-1`.
    pub id: String,
    /// The participant's name.
    pub name: String,
    /// The participant's role.
    pub role: keyferry_core::plan::Role,
    /// Kind and fingerprint of the key in the plan, if there is one.
    pub key: Option<(String, String)>,
    /// Whether the folder contains a valid signature of this record.
    pub signed: bool,
}

/// The result of checking a record.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// The parsed files; `None` if one of them is not well formed.
    pub record: Option<Record>,
    /// Every reason to refuse it; empty if it is accepted.
    pub refusals: Vec<VerifyError>,
    /// Everything unusual that is no reason to refuse it.
    pub deviations: Vec<Deviation>,
    /// The keys whose record is consistent, in the plan's order.
    pub keys: Vec<KeyRecord>,
    /// The participants, in the plan's order.
    pub people: Vec<Signed>,
}

impl Audit {
    /// Checks a record using only its files.
    #[must_use]
    pub fn of(folder: &Folder, expect: &Expect) -> Self {
        Self::of_files(Files::of(folder), expect)
    }

    /// The facts that a later record is compared with.
    ///
    /// # Errors
    /// [`VerifyError::PreviousRefused`] unless this record was accepted.
    pub fn as_previous(&self) -> Result<Previous, VerifyError> {
        match &self.record {
            Some(record) if self.refusals.is_empty() => Ok(Previous::of(record, &self.keys)),
            _ => Err(VerifyError::PreviousRefused),
        }
    }

    /// As [`of`](Self::of), for files that were read without keeping their texts.
    #[must_use]
    pub fn of_files(mut files: Files, expect: &Expect) -> Self {
        match std::mem::take(&mut files.contents).record() {
            Ok(record) => Self::of_record(&files, record, expect),
            Err(error) => Self { refusals: vec![error], ..Self::default() },
        }
    }

    fn of_record(files: &Files, record: Record, expect: &Expect) -> Self {
        let (mut this, story) = (Self::default(), Story::of(&record.chain));
        this.take(crossings::check_ceremony(&record));
        this.take(commands::check_plan(&story, record.plan.digest()));
        this.take(said::check(&record));
        this.take(purpose::check(&record, &story));
        this.take(purpose::check_expected(&record, expect.purpose));
        this.take(crossings::check_endpoint(&record, &story));
        this.take(crossings::check_parameters(&record, &story));
        this.take(crossings::check_ciphertext(&record, &story));
        let (keys, faults) = keys::check(&record, &story);
        this.keys = keys;
        this.refusals.extend(faults);
        this.refusals.extend(backup::check(&record, &story));
        let courses = Courses::of(&record);
        let (runs, drills) = (&courses.transcript.runs, &courses.drills.runs);
        this.refusals.extend(course::check(&record, &courses, &story));
        this.refusals.extend(machine::check(&record, runs));
        this.refusals.extend(machine::check_drills(&record, drills));
        this.refusals.extend(clock::check(&record, &courses));
        this.refusals.extend(life::check(&record, &story, &courses.life.runs));
        let interrupted = this.take(commands::check_end(&story)).unwrap_or_default();
        this.take(check_head(&record, expect.head));
        this.refusals.extend(previous::check(&record, &story, &this.keys, &expect.previous));
        this.refusals.extend(held::check(&story, &expect.previous));
        this.refusals.extend(sums::check(files));
        this.deviations =
            deviation::find(&files.others, (&record, &story), &interrupted, !expect.previous.is_empty());
        this.deviations.extend(life::deviations(&record, &courses.life.runs));
        // Other files in the folder come last: an attacker who can put files there must not push anything else out of sight.
        this.deviations.sort_by_key(|deviation| (deviation.kind == OTHER_FILE, deviation.line));
        this.check_signatures(files, &record);
        this.record = Some(record);
        this
    }

    /// Collects the refusal, or returns the value that passed.
    fn take<T>(&mut self, result: Result<T, VerifyError>) -> Option<T> {
        result.map_err(|error| self.refusals.push(error)).ok()
    }

    /// Fails with the first refusal, unless the record was accepted.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verdict(&self) -> Result<(), VerifyError> {
        self.refusals.first().cloned().map_or(Ok(()), Err)
    }

    /// Checks that everything except missing signatures is in order.
    ///
    /// # Errors
    /// The first [`VerifyError`] that is not [`VerifyError::NotSigned`].
    pub fn verdict_before_signing(&self) -> Result<(), VerifyError> {
        let unsigned = |error: &&VerifyError| !matches!(error, VerifyError::NotSigned { .. });
        self.refusals.iter().find(unsigned).cloned().map_or(Ok(()), Err)
    }

    /// Each key in the plan with what was found about it, in the plan's order; `None` if its record is not consistent.
    pub fn planned<'a>(
        &'a self,
        record: &'a Record,
    ) -> impl Iterator<Item = (&'a PlanKey, Option<&'a KeyRecord>)> {
        let mut found = self.keys.iter().peekable();
        record.plan.keys().iter().map(move |key| (key, found.next_if(|found| found.alias == key.alias)))
    }

    /// The participants who have a key in the plan but no valid signature, in the plan's order.
    pub fn missing(&self) -> impl Iterator<Item = &Signed> {
        self.people.iter().filter(|person| person.key.is_some() && !person.signed)
    }

    fn check_signatures(&mut self, files: &Files, record: &Record) {
        let Some(people) = self.take(people(&record.plan)) else { return };
        let message = files.message();
        let own: HashSet<String> = people.iter().map(Person::file).collect();
        let signatures: HashMap<&str, &(String, Vec<u8>)> =
            files.signatures.iter().map(|signature| (signature.0.as_str(), signature)).collect();
        for person in &people {
            let found = signatures.get(person.file().as_str()).copied();
            let name = person.participant.name.clone();
            let mut signed = false;
            match (&person.key, found) {
                (None, Some((file, _))) => self.refusals.push(VerifyError::Foreign { file: file.clone() }),
                (Some(_), None) => self.refusals.push(VerifyError::NotSigned { name, id: person.id.clone() }),
                (Some(key), Some((file, bytes))) => {
                    let checked = RecordSignature::parse(bytes)
                        .and_then(|s| s.verify_message(key, message).map(|()| s));
                    match checked {
                        Ok(signature) => {
                            signed = true;
                            self.deviations.extend(untouched(&signature, &person.id));
                        }
                        Err(error) => {
                            self.refusals.push(VerifyError::Signature { file: file.clone(), error })
                        }
                    }
                }
                (None, None) => {}
            }
            self.people.push(Signed {
                id: person.id.clone(),
                name: person.participant.name.to_string(),
                role: person.participant.role,
                key: person.key.as_ref().map(|k| (k.kind(), k.fingerprint())),
                signed,
            });
        }
        for (file, bytes) in files.signatures.iter().filter(|(file, _)| !own.contains(file)) {
            self.take_stray(file, RecordSignature::parse(bytes).ok().as_ref(), &people, message);
        }
    }

    /// Judges a file in `signatures` whose name does not belong to anybody in the plan. A file that is not a signature, or a copy
    /// of one that already counts, is a deviation.
    fn take_stray(
        &mut self,
        file: &str,
        signature: Option<&RecordSignature>,
        people: &[Person<'_>],
        message: &Message,
    ) {
        let made = |person: &&Person<'_>| {
            let by = |key| signature.is_some_and(|s| s.verify_message(key, message).is_ok());
            person.key.as_ref().is_some_and(by)
        };
        let person = people.iter().find(made);
        let counts = person.is_some_and(|p| self.people.iter().any(|s| s.id == p.id && s.signed));
        if signature.is_none() || counts {
            self.deviations.push(deviation::other_file(&format!("{SIGNATURES}/{file}")));
            return;
        }
        let file = file.to_owned();
        self.refusals.push(match person {
            Some(Person { id, participant, .. }) => {
                VerifyError::Misnamed { file, name: participant.name.clone(), id: id.clone() }
            }
            None => VerifyError::Foreign { file },
        });
    }
}

fn untouched(signature: &RecordSignature, id: &str) -> Option<Deviation> {
    let text = keyferry_core::bi!(
        "the hardware key of {id} signed without being touched",
        "{id} 的硬件密钥在未被触摸的情况下签名"
    );
    (signature.touched() == Some(false)).then_some(Deviation { line: None, kind: "not-touched", text })
}

fn check_head(record: &Record, expected: Option<Fingerprint>) -> Result<(), VerifyError> {
    let found = record.chain.head();
    match expected {
        Some(expected) if expected != found => Err(VerifyError::Head { found, expected }),
        _ => Ok(()),
    }
}
