//! The help pages of every program, in both languages, with a separate section for common options and an example for
//! each command.
//!
//! clap writes the page; this module prepares a program's command for it, but only if help is shown. A run without `--help` does not
//! use this module. The texts are next to the commands, in each program's `args/page.rs`. A text without a translation stays in
//! English; a test for each program finds such texts ([`faults`]).

mod fitted;
mod shared_texts;
mod usage_errors;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command};
use keyferry_core::{Bilingual, Class, Lang, bi};

pub use fitted::COLUMNS;
pub use usage_errors::chinese_usage;

use crate::Console;
use crate::columns::width;
use crate::console::exit_code;

/// The examples and translations that a program adds to its help.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Pairs of a command's name and a command line that works. A command can have several examples.
    pub examples: &'static [(&'static str, &'static str)],
    /// English texts and their translations.
    pub zh: &'static [(&'static str, &'static str)],
}

/// The console for errors in the command line, which respects `--lang` and `--json`.
#[must_use]
pub fn console(typed: &[OsString]) -> Console {
    let attached = |a: &OsString| a.to_str().and_then(|a| a.strip_prefix("--lang=")).map(str::to_owned);
    let following = typed.iter().skip_while(|a| *a != "--lang").nth(1).and_then(|a| a.to_str());
    let asked = following.map(str::to_owned).or_else(|| typed.iter().find_map(attached));
    Console::new(Console::language(asked.as_deref()), typed.iter().any(|a| a == "--json"), 0)
}

/// Prints help or version if that is what clap returned; `None` for every other error. Without arguments, the help goes to standard
/// error and the command line counts as wrong.
#[must_use]
pub fn show(
    typed: &[OsString],
    error: &clap::Error,
    command: Command,
    page: &Page,
) -> Option<Result<(), Class>> {
    let console = console(typed);
    if error.kind() == ErrorKind::DisplayVersion {
        console.product(error.to_string().trim_end());
        return Some(Ok(()));
    }
    let missing = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if !matches!(error.kind(), ErrorKind::DisplayHelp) && error.kind() != missing {
        return None;
    }
    // Parses the same command line again, with a command that writes the whole page.
    let dressed = dressed(command, page, console.lang()).try_get_matches_from(typed).err();
    let text = dressed.map_or_else(|| error.to_string(), |e| e.to_string());
    let text = page_text(&text, console.lang());
    if error.kind() == missing {
        console.line(text.trim_end());
        return Some(Err(Class::Usage));
    }
    console.product(text.trim_end());
    Some(Ok(()))
}

/// Shows help or version; every other error is reported as a usage error with its control id. `hint` says where the
/// options are listed.
#[must_use]
pub fn explain_usage(
    typed: &[OsString],
    error: &clap::Error,
    command: Command,
    page: &Page,
    hint: &Bilingual,
) -> ExitCode {
    match show(typed, error, command, page) {
        Some(shown) => exit_code(shown),
        None => {
            let console = console(typed);
            let chinese = (console.lang() == Lang::Zh).then(|| chinese_usage(error, page)).flatten();
            console.usage(&chinese.unwrap_or_else(|| error.to_string()), hint)
        }
    }
}

/// A page as it is shown, with no line wider than [`COLUMNS`].
fn page_text(text: &str, lang: Lang) -> String {
    fitted::fitted(&labelled(text, lang))
}

/// The page, with Chinese labels if the language is Chinese.
fn labelled(text: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    let lines = text.lines().map(|line| match line.strip_suffix(':') {
        Some(label) if !line.starts_with(' ') => format!("{label}："),
        _ => usage_errors::chinese_labels(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The command with sections and examples, in the given language.
#[must_use]
pub fn dressed(command: Command, page: &Page, lang: Lang) -> Command {
    let command = command
        .disable_version_flag(true)
        .arg(built_in("version", 'V', lang, &bi!("Print version", "显示版本")).action(ArgAction::Version));
    dress(command, "", page, lang)
}

fn dress(command: Command, path: &str, page: &Page, lang: Lang) -> Command {
    let mut command = command.mut_args(|arg| dress_arg(arg, page, lang)).mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        dress(sub, path.trim_start(), page, lang)
    });
    command = command
        .disable_help_flag(true)
        .arg(built_in("help", 'h', lang, &bi!("Print this page", "显示本页")).action(ArgAction::Help));
    if lang == Lang::Zh {
        command = chinese(command, page);
    }
    let examples: Vec<_> =
        page.examples.iter().filter(|(of, _)| *of == path).map(|(_, line)| *line).collect();
    if examples.is_empty() {
        return command;
    }
    let label = bi!("Example:", "示例：");
    command.after_help(format!("{}\n  {}", label.get(lang), examples.join("\n  ")))
}

fn built_in(name: &'static str, short: char, lang: Lang, help: &Bilingual) -> Arg {
    let arg = Arg::new(name).short(short).long(name).help(help.get(lang).to_owned());
    arg.help_heading(global(lang)).display_order(1000)
}

const fn global(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Global options",
        Lang::Zh => "全局选项",
    }
}

fn dress_arg(arg: Arg, page: &Page, lang: Lang) -> Arg {
    let everywhere = arg.is_global_set() || arg.get_id() == "version";
    let arg = if everywhere { arg.help_heading(global(lang)) } else { arg };
    if lang == Lang::En {
        return arg;
    }
    let heading = match (everywhere, arg.is_positional()) {
        (true, _) => global(lang),
        (false, true) => "参数",
        (false, false) => "选项",
    };
    let default: Vec<_> = arg.get_default_values().iter().map(|v| v.to_string_lossy()).collect();
    let takes = arg.get_action().takes_values() && !default.is_empty() && !arg.is_hide_default_value_set();
    let default = if takes { format!("（默认：{}）", default.join("、")) } else { String::new() };
    let (short, long) = (arg.get_help().map(text), arg.get_long_help().map(text));
    let mut arg = arg.help_heading(heading);
    if arg.get_action().takes_values() {
        arg = arg.hide_default_value(true).hide_possible_values(true);
    }
    if let Some(short) = short {
        arg = arg.help(format!("{}{default}", translated(page, &short)));
    }
    if let Some(long) = long {
        arg = arg.long_help(format!("{}{default}", translated(page, &long)));
    }
    arg
}

fn chinese(command: Command, page: &Page) -> Command {
    let (short, long) = (command.get_about().map(text), command.get_long_about().map(text));
    let mut command = command
        .subcommand_help_heading("命令")
        .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}");
    if let Some(short) = short {
        command = command.about(translated(page, &short));
    }
    if let Some(long) = long {
        command = command.long_about(translated(page, &long));
    }
    command
}

fn text(text: &clap::builder::StyledStr) -> String {
    text.to_string()
}

fn translated(page: &Page, text: &str) -> String {
    page.zh
        .iter()
        .chain(shared_texts::ZH)
        .find(|(en, _)| *en == text)
        .map_or_else(|| text.to_owned(), |(_, zh)| (*zh).to_owned())
}

/// For tests: everything that is wrong with a program's help page. It finds texts without a translation, lines of the Chinese help that
/// contain English apart from names, lines that are too wide, and commands without an example or with one that `parses` refuses.
#[must_use]
pub fn faults(command: &Command, page: &Page, parses: impl Fn(&str) -> bool) -> Vec<String> {
    let mut faults: Vec<String> = page
        .examples
        .iter()
        .filter(|(_, line)| !parses(line))
        .map(|(_, line)| format!("refused: {line}"))
        .collect();
    let mut pages = vec![(String::new(), dressed(command.clone(), page, Lang::Zh))];
    while let Some((path, mut command)) = pages.pop() {
        command.build();
        for sub in command.get_subcommands() {
            pages.push((format!("{path} {}", sub.get_name()).trim_start().to_owned(), sub.clone()));
        }
        if command.get_subcommands().next().is_none() && !page.examples.iter().any(|(of, _)| *of == path) {
            faults.push(format!("no example: {path}"));
        }
        let help = labelled(&command.render_long_help().to_string(), Lang::Zh);
        faults.extend(untranslated(&help).into_iter().map(|line| format!("English in {path}: {line}")));
    }
    faults.extend(Lang::BOTH.iter().flat_map(|lang| too_wide(dressed(command.clone(), page, *lang), *lang)));
    faults
}

/// Lines of any page that are wider than the narrowest screen.
fn too_wide(mut command: Command, lang: Lang) -> Vec<String> {
    command.build();
    let help = page_text(&command.render_long_help().to_string(), lang);
    let wide = help.lines().filter(|line| width(line) > COLUMNS);
    let mut faults: Vec<String> = wide.map(|line| format!("wider than {COLUMNS} columns: {line}")).collect();
    for sub in command.get_subcommands() {
        faults.extend(too_wide(sub.clone(), lang));
    }
    faults
}

/// The lines of a Chinese page that contain English apart from the names of commands, options and values.
fn untranslated(help: &str) -> Vec<&str> {
    let before_examples = help.split("示例：").next().unwrap_or(help);
    let english = |line: &&str| {
        let words =
            line.split_whitespace().filter(|w| !w.starts_with(['-', '<', '[']) && !w.ends_with([']', '>']));
        let has_chinese = line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        // A usage text of several lines begins with the program's name.
        !has_chinese && words.count() > 0 && !line.trim_start().starts_with("keyferry")
    };
    before_examples.lines().filter(english).collect()
}
