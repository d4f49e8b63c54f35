//! Reports a step that cannot run because an external tool is missing: a failure in CI, elsewhere a line in
//! the summary.

use crate::run::Stop;

/// Whether this is CI.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").as_deref() == Ok("true")
}

/// Reports a step that lacks something: `what` it would have run, and `why` it cannot.
pub(crate) fn skip(what: &str, why: Stop, ci: bool) -> Result<String, Stop> {
    if ci { Err(why) } else { Ok(format!("{what}: {}", why.message())) }
}

/// Ends a command that is a single step: reports what was skipped.
pub(crate) fn said(skipped: Option<String>) {
    skipped.into_iter().for_each(|what| println!("skipped: {what}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_says_so_and_ci_fails() {
        let skipped = skip("production in a virtual machine", Stop::failed("no packages"), false).unwrap();
        assert_eq!(skipped, "production in a virtual machine: no packages");
        let failed = skip("production in a virtual machine", Stop::failed("no packages"), true);
        assert_eq!(failed.unwrap_err().message(), "no packages");
    }
}
