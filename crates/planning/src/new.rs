//! `keyferry plan new`: asks for the contents of a plan, and writes the plan with comments.
//!
//! The judge of the finished plan also judges each answer at once; after a wrong answer, a person is asked again. The answers may
//! also come from a file, one per line, with an empty line at the end of a list.

use keyferry_core::plan::outline::{Entry, literal};
use keyferry_core::plan::{Finding, Judgement, PLAN_FORMAT};
use keyferry_core::{Bilingual, PlanError, Provider, Timestamp, bi};
use keyferry_transport::{Access, Console, check_free, write_new};
use serde_json::json;

use super::args::New;
use super::error::{Error, PlanTaskError};
use super::{check, write};

/// Longest answer in bytes: a line with the longest key that can sign.
const MAX_ANSWER: usize = 4000;
/// Maximum number of people or keys that it asks for.
const MAX_ASKED: usize = 1000;

pub(super) fn run(args: &New, now: Timestamp, console: &Console) -> Result<(), Error> {
    check_free(&args.out)?;
    let mut asking = Asking { console, now, entries: vec![entry("", 0, "format", PLAN_FORMAT)] };
    asking.ceremony()?;
    asking.people()?;
    asking.keys()?;
    asking.backup()?;
    let head = bi!(
        "Written by `keyferry plan new`. All fields are in ceremony/audit/formats.md, section 2.\n\
         Any change, even to a comment, makes a different plan with a different SHA-256.",
        "由 `keyferry plan new` 写出。全部字段见 ceremony/audit/formats.md 第 2 节。\n任何改动（包括注释）都会成为另一份计划，SHA-256 也随之不同。"
    );
    let text = write::text(&head, &asking.entries, console.lang());
    let plan = check::judged(text.as_bytes(), now, console)?;
    write_new(&args.out, text.as_bytes(), Access::Everyone)?;
    check::show(&plan, console);
    console.row(&bi!("wrote", "已写出"), &args.out.display().to_string());
    console.say(&bi!(
        "  next: read the plan, run `keyferry-online create-key --plan {0} --out plan.toml`, and have the result reviewed",
        "  下一步：通读计划，运行 `keyferry-online create-key --plan {0} --out plan.toml`，并审阅其结果",
        args.out.display()
    ));
    if console.json() {
        console.result(&json!({"command": "plan new", "plan": args.out, "plan_sha256": plan.digest()}));
    } else {
        console.result_line(&args.out.display().to_string());
    }
    Ok(())
}

/// The line that sets a field of the format to a value.
fn entry(table: &str, number: usize, field: &str, value: &str) -> Entry {
    let other = || Entry { table: "", number, field: "", value: literal(value), line: 0 };
    Entry::new(table, number, field, value).unwrap_or_else(other)
}

/// Asks the questions, and keeps the values so far.
struct Asking<'c> {
    console: &'c Console,
    now: Timestamp,
    entries: Vec<Entry>,
}

impl Asking<'_> {
    fn ceremony(&mut self) -> Result<(), PlanTaskError> {
        let id = bi!(
            "Id of the ceremony, new in your organisation (a-z 0-9 - _ .):",
            "仪式 ID，组织内全新（a-z 0-9 - _ .）："
        );
        self.ask("", 0, "ceremony", &id)?;
        let purpose =
            bi!("production, for real keys, or rehearsal:", "production（真实密钥）或 rehearsal（演练）：");
        self.ask("", 0, "purpose", &purpose)?;
        self.entries.push(entry("", 0, "minimum_time_left", "4h"));
        Ok(())
    }

    fn people(&mut self) -> Result<(), PlanTaskError> {
        for number in 0..MAX_ASKED {
            let n = number + 1;
            let name = bi!(
                "Name of person {n}, exactly as the record must contain it (Enter: no more people):",
                "第 {n} 位参与者的姓名，将写入档案（直接回车：不再添加）："
            );
            if !self.ask_or_end("participant", number, "name", &name)? {
                break;
            }
            let role = bi!(
                "Role: operator (types), witness (watches and compares) or custodian (keeps a share):",
                "角色：operator（操作）、witness（见证与核对）或 custodian（保管分片）："
            );
            self.ask("participant", number, "role", &role)?;
            let key = bi!(
                "Line of the person's .pub file, to sign the record with (Enter: none):",
                "该人 .pub 文件中的那一行，用于在档案上签名（直接回车：没有）："
            );
            self.ask_or_end("participant", number, "ssh_key", &key)?;
        }
        Ok(())
    }

    fn keys(&mut self) -> Result<(), PlanTaskError> {
        for number in 0..MAX_ASKED {
            let n = number + 1;
            let alias = bi!("Alias of key {n}:", "第 {n} 个密钥的别名：");
            let more =
                bi!("Alias of key {n} (Enter: no more keys):", "第 {n} 个密钥的别名（直接回车：不再添加）：");
            if number == 0 {
                self.ask("key", number, "alias", &alias)?;
            } else if !self.ask_or_end("key", number, "alias", &more)? {
                break;
            }
            let provider = Provider::all().next().map_or("", |provider| provider.facts().id);
            self.entries.push(entry("key", number, "provider", provider));
            self.ask(
                "key",
                number,
                "region",
                &bi!("Its region, such as ap-singapore:", "地域，例如 ap-singapore："),
            )?;
            let valid_to = bi!(
                "When the service deletes its material: never, or a UTC time such as 2030-01-01T00:00:00Z:",
                "服务端何时删除其材料：never，或 UTC 时间，例如 2030-01-01T00:00:00Z："
            );
            self.ask("key", number, "valid_to", &valid_to)?;
        }
        Ok(())
    }

    fn backup(&mut self) -> Result<(), PlanTaskError> {
        let scheme = bi!(
            "Backup: slip39 (shares on paper), or none (lost material stays lost):",
            "备份：slip39（纸上分片），或 none（丢失即无法恢复）："
        );
        self.ask("backup", 0, "scheme", &scheme)?;
        let none = self.entries.last().is_some_and(|entry| entry.value == "\"none\"");
        if none {
            return self.ask("backup", 0, "reason", &bi!("Why no backup is needed:", "为何不需要备份："));
        }
        let custodian = |entry: &&Entry| entry.field == "role" && entry.value == "\"custodian\"";
        let custodians = self.entries.iter().filter(custodian).count();
        match custodians {
            0 => self.ask("backup", 0, "shares", &bi!("Number of shares to make:", "生成的分片数："))?,
            // One custodian for each share.
            n => self.entries.push(entry("backup", 0, "shares", &n.to_string())),
        }
        let threshold = bi!("Number of shares needed to recover:", "恢复所需的分片数：");
        self.ask("backup", 0, "threshold", &threshold)
    }

    /// Asks until the answer is valid.
    fn ask(
        &mut self,
        table: &str,
        number: usize,
        field: &str,
        question: &Bilingual,
    ) -> Result<(), PlanTaskError> {
        loop {
            let answer = self.answer(question)?;
            if self.take(table, number, field, &answer)? {
                return Ok(());
            }
        }
    }

    /// Asks in the same way, but accepts an empty answer, which means none. Returns whether there was an
    /// answer.
    fn ask_or_end(
        &mut self,
        table: &str,
        number: usize,
        field: &str,
        question: &Bilingual,
    ) -> Result<bool, PlanTaskError> {
        loop {
            let answer = self.answer(question)?;
            if answer.is_empty() {
                return Ok(false);
            }
            if self.take(table, number, field, &answer)? {
                return Ok(true);
            }
        }
    }

    fn answer(&self, question: &Bilingual) -> Result<String, PlanTaskError> {
        let answer = self.console.ask_up_to(question, MAX_ANSWER);
        answer.map(|answer| answer.trim().to_owned()).ok_or(PlanTaskError::NoAnswer)
    }

    /// Whether the answer is a valid value for the field. If it is not, a person sees the reason and is asked
    /// again; a script is refused.
    fn take(&mut self, table: &str, number: usize, field: &str, answer: &str) -> Result<bool, PlanTaskError> {
        self.entries.push(entry(table, number, field, answer));
        let Some(finding) = self.fault() else { return Ok(true) };
        self.entries.pop();
        // The finding's line number refers to a file that does not exist yet.
        self.console.refuse_text(&finding.why);
        if self.console.is_terminal() {
            return Ok(false);
        }
        Err(PlanTaskError::Judged { errors: 1, warnings: 0 })
    }

    /// What the judge finds wrong in the last table, except for missing fields, which have not been asked for
    /// yet.
    fn fault(&self) -> Option<Finding> {
        let text = write::text(&bi!("", ""), &self.entries, self.console.lang());
        let table = text.lines().enumerate().filter(|(_, line)| line.starts_with('[')).last();
        let first = table.map_or(0, |(before, _)| before + 1);
        let missing = |why: &PlanError| matches!(why, PlanError::Missing { .. } | PlanError::NoWitness);
        let judgement = Judgement::of(text.as_bytes(), self.now);
        judgement.errors().find(|finding| finding.line >= first && !missing(&finding.why)).cloned()
    }
}
