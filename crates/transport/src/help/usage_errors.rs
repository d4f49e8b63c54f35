//! Explains in Chinese what is wrong with a command line. clap's messages exist only in English, but their
//! parts can be queried.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Page, translated};

/// clap's error in Chinese, for the kinds of errors that people meet; `None` for every other kind, which keeps clap's
/// English text.
#[must_use]
pub fn chinese_usage(error: &clap::Error, page: &Page) -> Option<String> {
    let mut text = fault(error, page)?;
    for (of, kind, label) in [
        (ErrorKind::InvalidValue, ContextKind::ValidValue, "可用的值"),
        (ErrorKind::MissingSubcommand, ContextKind::ValidSubcommand, "可用的命令"),
    ] {
        let values = names(error, kind);
        if error.kind() == of && !values.is_empty() {
            text += &format!("\n  [{label}：{}]", values.join("、"));
        }
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        text += &format!("\n\n{}", chinese_labels(usage.trim_end()));
    }
    text += "\n\n运行 `--help` 可查看说明。";
    Some(text)
}

/// Translates the words that clap puts into a usage line.
pub(super) fn chinese_labels(usage: &str) -> String {
    let usage =
        usage.strip_prefix("Usage: ").map_or_else(|| usage.to_owned(), |rest| format!("用法：{rest}"));
    usage.replace("[OPTIONS]", "[选项]").replace("<COMMAND>", "<命令>").replace("[COMMAND]", "[命令]")
}

fn fault(error: &clap::Error, page: &Page) -> Option<String> {
    let arg = names(error, ContextKind::InvalidArg);
    let value = names(error, ContextKind::InvalidValue).concat();
    let subcommand = names(error, ContextKind::InvalidSubcommand).concat();
    let listed = |names: &[String]| names.iter().map(|name| format!("\n  {name}")).collect::<String>();
    Some(match error.kind() {
        ErrorKind::UnknownArgument => format!("没有参数 {}", quoted(&arg)),
        ErrorKind::InvalidSubcommand => format!("没有命令 '{subcommand}'"),
        ErrorKind::MissingSubcommand => format!("'{subcommand}' 之后缺少命令"),
        ErrorKind::MissingRequiredArgument => format!("缺少下列参数：{}", listed(&arg)),
        ErrorKind::InvalidValue if value.is_empty() => format!("{} 缺少值", quoted(&arg)),
        ErrorKind::InvalidValue => format!("{} 的值 '{value}' 无效", quoted(&arg)),
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            let why = if why.is_empty() { why } else { format!("：{}", translated(page, &why)) };
            format!("{} 的值 '{value}' 无效{why}", quoted(&arg))
        }
        ErrorKind::TooManyValues => format!("{} 的值 '{value}' 多余", quoted(&arg)),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{} 的值的个数不对", quoted(&arg))
        }
        ErrorKind::NoEquals => format!("{} 与它的值之间需要等号", quoted(&arg)),
        ErrorKind::ArgumentConflict => conflict(&arg, &subcommand, &names(error, ContextKind::PriorArg)),
        _ => return None,
    })
}

fn conflict(arg: &[String], subcommand: &str, prior: &[String]) -> String {
    if prior == arg {
        return format!("参数 {} 只能给出一次", quoted(arg));
    }
    let one =
        if arg.is_empty() { format!("命令 '{subcommand}'") } else { format!("参数 {}", quoted(arg)) };
    if prior.is_empty() {
        format!("{one} 不能与其他参数同时使用")
    } else {
        format!("{one} 不能与 {} 同时使用", quoted(prior))
    }
}

/// The names of one kind in clap's error.
fn names(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(name)) => vec![name.clone()],
        Some(ContextValue::Strings(names)) => names.clone(),
        _ => Vec::new(),
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction, Command};

    use super::*;

    const PAGE: Page = Page { examples: &[], zh: &[("not so", "不是")] };

    fn command() -> Command {
        let valued = |name: &'static str| Arg::new(name).long(name).value_name("FILE");
        let number = valued("n").value_parser(|text: &str| text.parse::<u8>().map_err(|_| "not so"));
        Command::new("one").subcommand_required(true).subcommand(
            Command::new("two")
                .arg(valued("out").required(true))
                .arg(valued("svg").conflicts_with("out"))
                .arg(valued("lang").value_parser(["en", "zh"]))
                .arg(number)
                .arg(Arg::new("flag").long("flag").action(ArgAction::SetTrue)),
        )
    }

    fn said(typed: &str) -> Option<String> {
        let error = command().try_get_matches_from(typed.split(' ')).err()?;
        chinese_usage(&error, &PAGE)
    }

    #[test]
    fn what_people_meet_is_said_in_chinese() {
        for (typed, begins) in [
            ("one two --out x --force", "没有参数 '--force'\n\n用法：one two --out <FILE>\n\n运行"),
            ("one tow", "没有命令 'tow'\n\n用法：one <命令>\n\n运行"),
            ("one", "'one' 之后缺少命令\n  [可用的命令：two、help]\n\n用法：one <命令>"),
            ("one two", "缺少下列参数：\n  --out <FILE>\n\n用法：one two"),
            ("one two --out", "'--out <FILE>' 缺少值\n\n运行"),
            ("one two --out x --lang fr", "'--lang <FILE>' 的值 'fr' 无效\n  [可用的值：en、zh]\n\n运行"),
            ("one two --out x --n y", "'--n <FILE>' 的值 'y' 无效：不是\n\n运行"),
            (
                "one two --svg y --out x",
                "参数 '--svg <FILE>' 不能与 '--out <FILE>' 同时使用\n\n用法：one two",
            ),
            ("one two --out x --out y", "参数 '--out <FILE>' 只能给出一次\n\n用法：one two"),
            ("one two --out x --flag=y", "'--flag' 的值 'y' 多余\n\n用法：one two"),
        ] {
            let said = said(typed).unwrap_or_default();
            assert!(said.starts_with(begins), "{typed}\n{said}");
            assert!(!said.contains("OPTIONS") && !said.contains("Usage"), "{said}");
        }
        assert_eq!(said("one two --help"), None);
        assert_eq!(chinese_labels("Usage: one two [OPTIONS] <FILE>"), "用法：one two [选项] <FILE>");
        assert_eq!(translated(&PAGE, "else"), "else");
    }
}
