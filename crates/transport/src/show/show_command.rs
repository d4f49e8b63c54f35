//! The command `show` of both stations: shows one file on the terminal or in exactly one kind of output.

use std::path::{Path, PathBuf};

use keyferry_core::{Lang, bi};
use serde_json::{Value, json};

pub use super::output::FPS;
use super::output::{Output, still};
use super::series::Series;
use super::show_error::{ShowError, ShowRefusal};
use super::subject::Subject;
use super::symbol::{Symbol, Version};
use super::{live, png, print, screen_page, svg, test_page};
use crate::console::Progress;
use crate::frame::Level;
use crate::{Access, Console, FileError, check_free, printable, read_capped, write_new};

/// The options of `show`.
#[derive(Clone, Debug)]
pub struct Look {
    /// The output for the symbols.
    pub output: Output,
    /// The largest version of the symbols; `None` for the default of the output.
    pub version: Option<Version>,
    /// Frames per second of an animation.
    pub fps: u8,
}

/// Reads the version of a symbol from a command line.
///
/// # Errors
/// A text that says what was expected instead.
pub fn parse_version(text: &str) -> Result<Version, &'static str> {
    text.parse().ok().and_then(Version::new).ok_or("expected a version from 1 to 40")
}

/// Maximum length of an existing picture that is read to compare it with the new one.
const MAX_PICTURE: usize = 16 * 1024 * 1024;

/// Runs `show` for this file or for the test page.
///
/// # Errors
/// [`ShowError`], in which case nothing was shown and no file was half written.
pub fn run(console: &Console, file: Option<&Path>, look: &Look) -> Result<(), ShowError> {
    match file {
        Some(file) => self::file(console, file, look),
        None => test_page::run(console, &look.output, look.version, look.fps),
    }
}

fn file(console: &Console, file: &Path, look: &Look) -> Result<(), ShowError> {
    let subject = Subject::read(file)?;
    let done = match &look.output {
        Output::Terminal => terminal(console, &subject, look)?,
        Output::Png(path) => {
            pictures(console, &subject, look, path, "png", |symbol| png::png(symbol, still(symbol.size())))?
        }
        Output::Svg(path) => {
            pictures(console, &subject, look, path, "svg", |symbol| svg::svg(symbol).into_bytes())?
        }
        Output::Html(path) => page(console, &subject, look, path)?,
        Output::Print(path) => sheets(console, &subject, look, path)?,
    };
    report(console, &subject, &done);
    Ok(())
}

/// The written files.
struct Done {
    version: Version,
    level: Level,
    needed: usize,
    symbols: u64,
    files: Vec<PathBuf>,
}

impl Done {
    fn of(series: &Series, files: Vec<PathBuf>) -> Self {
        let (version, level, needed) = (series.version(), series.level(), series.needed());
        Self { version, level, needed, symbols: series.len() as u64, files }
    }
}

fn terminal(console: &Console, subject: &Subject, look: &Look) -> Result<Done, ShowError> {
    let shown = live::run(console, subject, look.version, look.fps)?;
    let (version, needed, symbols) = (shown.version, shown.needed, shown.drawn);
    Ok(Done { version, level: Level::L, needed, symbols, files: Vec::new() })
}

/// Writes one picture to a file, or all pictures to a folder: as many as are needed, and two more.
fn pictures(
    console: &Console,
    subject: &Subject,
    look: &Look,
    path: &Path,
    ending: &str,
    draw: impl Fn(&Symbol) -> Vec<u8>,
) -> Result<Done, ShowError> {
    let len = |needed| if needed == 1 { 1 } else { needed + print::SPARE };
    let series = Series::new(subject, Level::L, look.version, len)?;
    let folder = path.is_dir();
    if series.len() > 1 && !folder {
        return Err(ShowRefusal::Folder { path: path.into(), symbols: series.len() }.into());
    }
    let (mut files, mut progress) = (Vec::new(), progress(console, &series));
    for (n, symbol) in (1..).zip(series.symbols()) {
        let file =
            if folder { path.join(numbered(subject, n, series.len(), ending)) } else { path.to_owned() };
        let bytes = draw(&symbol?);
        match write_new(&file, &bytes, Access::Everyone) {
            // If a run was killed partway through a series of pictures, running the same command again
            // finishes it.
            Err(FileError::Exists(_)) if folder && read_capped(&file, MAX_PICTURE)? == bytes => {}
            other => other?,
        }
        files.push(file);
        progress.step();
    }
    Ok(Done::of(&series, files))
}

/// A name such as `parameters-03-of-11.png`, so that sorting by name also sorts by number.
fn numbered(subject: &Subject, n: usize, total: usize, ending: &str) -> String {
    let name = subject.name();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let digits = total.to_string().len();
    if total == 1 { format!("{stem}.{ending}") } else { format!("{stem}-{n:0digits$}-of-{total}.{ending}") }
}

fn page(console: &Console, subject: &Subject, look: &Look, path: &Path) -> Result<Done, ShowError> {
    check_free(path)?;
    let series = Series::new(subject, Level::L, look.version, looped)?;
    let mut progress = progress(console, &series);
    let page = screen_page::page(subject, &series, look.fps, console.lang(), || progress.step())?;
    written(&series, path, page.as_bytes())
}

fn sheets(console: &Console, subject: &Subject, look: &Look, path: &Path) -> Result<Done, ShowError> {
    check_free(path)?;
    let most = Some(look.version.unwrap_or(print::DENSEST));
    let series = Series::new(subject, Level::M, most, |needed| needed + print::SPARE)?;
    let mut progress = progress(console, &series);
    let sheets = print::sheets(subject, &series, console.lang(), || progress.step())?;
    written(&series, path, sheets.as_bytes())
}

/// The number of different frames that the page repeats. The more frames there are, the less a lost one
/// matters.
const fn looped(needed: usize) -> usize {
    if needed == 1 { 1 } else { needed + needed.div_ceil(2) }
}

fn written(series: &Series, path: &Path, bytes: &[u8]) -> Result<Done, ShowError> {
    write_new(path, bytes, Access::Everyone)?;
    Ok(Done::of(series, vec![path.into()]))
}

fn progress(console: &Console, series: &Series) -> Progress {
    console.progress(bi!("symbols", "二维码"), series.len())
}

/// Prints the digest for people; prints the paths of the files on standard output, or the digest if there are
/// no files.
fn report(console: &Console, subject: &Subject, done: &Done) {
    let (name, kind) = (subject.name(), subject.kind().title());
    console.row(&bi!("file", "文件"), &format!("{name}  {}", kind.get(console.lang())));
    console.digest(&bi!("digest", "摘要"), &subject.digest(), &Lang::BOTH);
    let (needed, version) = (done.needed, done.version.number());
    let symbols = if needed == 1 {
        bi!("one of version {version}", "一个，版本 {version}")
    } else {
        bi!("any {needed} will do, version {version}", "任意 {needed} 个即可，版本 {version}")
    };
    console.row(&bi!("symbols", "二维码"), symbols.get(console.lang()));
    for path in &done.files {
        console.row(&bi!("wrote", "已写出"), &path.display().to_string());
    }
    if console.json() {
        console.result(&as_json(subject, done));
        return;
    }
    done.files.iter().for_each(|f| console.result_line(&printable::line(&f.display().to_string())));
    if done.files.is_empty() {
        console.result_line(&subject.digest().to_string());
    }
}

fn as_json(subject: &Subject, done: &Done) -> Value {
    let digest = subject.digest();
    let level = format!("{:?}", done.level);
    json!({
        "command": "show", "file": subject.name(), "bytes": subject.bytes().len(), "sha256": digest,
        "words": {"en": digest.words(Lang::En), "zh": digest.words(Lang::Zh)},
        "needed": done.needed, "symbols": done.symbols, "version": done.version.number(), "level": level,
        "outputs": done.files,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_draws_half_as_many_symbols_again_as_are_needed() {
        assert_eq!([1, 2, 3, 164, 357].map(looped), [1, 3, 5, 246, 536]);
    }
}
